import type { tl } from '@mtcute/core'
import type { LoginStep } from '../../model/login.ts'
import type { TelegramConfig } from './config.ts'
import type { LoginClient } from './login-client.ts'

/** Codes shown one after the other before the login is given up; each lives for about half a minute. */
const MOST_CODES = 20
/** A code is renewed this long before its end, in milliseconds. */
const EARLY_MS = 2_000
const LEAST_MS = 1_000

const SHOW =
  'Open Telegram on your phone, go to Settings, Devices, Link Desktop Device, and scan this code. It is renewed by itself.'

export type QrResult = { kind: 'step'; step: LoginStep } | { kind: 'user'; user: tl.RawUser }

/** A login by a code that another device scans (https://core.telegram.org/api/qr-login). */
export class QrCode {
  readonly #client: LoginClient
  readonly #config: TelegramConfig
  #shown = 0
  #renewAt = 0
  #stopped = false
  #wake: () => void = () => undefined
  #scanned = false

  constructor(client: LoginClient, config: TelegramConfig) {
    this.#client = client
    this.#config = config
    client.client.onServerUpdate.add((update) => {
      if (update._ !== 'updateShort' || update.update._ !== 'updateLoginToken') return
      this.#scanned = true
      this.#wake()
    })
  }

  /** Waits until the code was scanned or is too old. @returns what comes then; undefined when stopped. @throws tl.RpcError */
  async next(): Promise<QrResult | undefined> {
    if (this.#shown > 0 && !this.#scanned) await this.#wait()
    if (this.#stopped) return undefined
    this.#scanned = false
    if (this.#shown >= MOST_CODES) {
      return {
        kind: 'step',
        step: { kind: 'failed', code: 'not_scanned', text: 'Nobody has scanned the code.' },
      }
    }
    const { apiId, apiHash } = this.#config
    return this.#read(await this.#client.call({ _: 'auth.exportLoginToken', apiId, apiHash, exceptIds: [] }))
  }

  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  async #read(token: tl.auth.TypeLoginToken): Promise<QrResult> {
    switch (token._) {
      case 'auth.loginToken': {
        this.#shown += 1
        const expiresAt = new Date(token.expires * 1000)
        this.#renewAt = expiresAt.getTime() - EARLY_MS
        const data = `tg://login?token=${Buffer.from(token.token).toString('base64url')}`
        return { kind: 'step', step: { kind: 'show', text: SHOW, as: 'qr', data, expiresAt } }
      }
      case 'auth.loginTokenMigrateTo':
        await this.#client.client.changePrimaryDc(token.dcId)
        return this.#read(await this.#client.call({ _: 'auth.importLoginToken', token: token.token }))
      case 'auth.loginTokenSuccess': {
        const { authorization } = token
        if (authorization._ === 'auth.authorization' && authorization.user._ === 'user') {
          return { kind: 'user', user: authorization.user }
        }
        const text = 'There is no Telegram account behind this code.'
        return { kind: 'step', step: { kind: 'failed', code: 'no_account', text } }
      }
    }
  }

  async #wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(LEAST_MS, this.#renewAt - Date.now()))
      timer.unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#scanned || this.#stopped) this.#wake()
    })
  }
}
