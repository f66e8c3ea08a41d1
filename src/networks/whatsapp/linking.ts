import { DisconnectReason } from '@whiskeysockets/baileys'
import type { WhatsAppConfig } from './config.ts'
import { AuthState } from './auth-state.ts'
import { endingOf, statusOf } from './ending.ts'
import { MemorySession } from '../shared/memory-session.ts'
import { Socket } from './socket.ts'
import type { Heard } from './socket.ts'
import { Vault } from './vault.ts'

/** What came of a companion that wants to be linked. */
export type LinkNews =
  /** A code to scan, which replaces the one before. */
  | { kind: 'qr'; data: string }
  | { kind: 'linked'; account: string; name: string; values: Record<string, string> }
  /** Nobody used the codes of this connection; there can be another one. */
  | { kind: 'expired' }
  | { kind: 'failed'; code: string; text: string }

const PASSKEY =
  'WhatsApp asks for the passkey of your account before it links a device. Only a browser can answer that, so this bridge cannot be linked to your account at the moment. In WhatsApp on the phone, Settings, Account, Passkeys, you can remove the passkey; then try again.'
/** After the phone has agreed the server closes the connection; if it doesn't, we do. */
const FAREWELL_MS = 10_000
const TIMED_OUT: number = DisconnectReason.timedOut

/**
 * One connection of a companion that nobody has linked yet, with keys of its own: an unfinished attempt leaves things in
 * Baileys' credentials that spoil the next one. Nothing of it is kept before the phone has agreed.
 */
export class Linking {
  readonly #state: AuthState
  readonly #socket: Socket
  readonly #news: (news: LinkNews) => void
  #isOver = false
  #hasCode = false
  #farewell: NodeJS.Timeout | undefined

  constructor(config: WhatsAppConfig, news: (news: LinkNews) => void) {
    this.#news = news
    this.#state = new AuthState(new Vault(new MemorySession(), new Map(), () => undefined))
    this.#socket = new Socket({
      config,
      options: { auth: { creds: this.#state.creds, keys: this.#state.keys } },
      heard: (event) => this.#heard(event),
    })
    // Baileys has no notion of it: the companion would wait for ever.
    this.#socket.on('CB:notification,type:passkey_prologue_request', () => {
      this.#end({ kind: 'failed', code: 'passkey', text: PASSKEY })
    })
  }

  /** A code to type on the phone of this number; only after the first QR code. @throws when it can't be had */
  pairingCode(phone: string): Promise<string> {
    return this.#socket.baileys.requestPairingCode(phone)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#farewell)
    await this.#socket.end()
  }

  #heard(event: Heard): void {
    if (event.name !== 'connection.update' || this.#isOver) return
    const { qr, isNewLogin, connection, lastDisconnect } = event.data
    this.#hasCode ||= qr !== undefined
    if (qr !== undefined) this.#news({ kind: 'qr', data: qr })
    if (isNewLogin === true) {
      this.#farewell = setTimeout(() => this.#linked(), FAREWELL_MS)
      this.#farewell.unref()
    }
    if (connection !== 'close') return
    if (this.#farewell !== undefined) return this.#linked()
    const status = statusOf(lastDisconnect?.error)
    // By the same number Baileys says that the codes have run out, and that there was no connection at all.
    if (status === TIMED_OUT && this.#hasCode) return this.#end({ kind: 'expired' })
    const { text = 'WhatsApp has ended the connection.' } = endingOf(lastDisconnect?.error)
    const isDown = status === undefined || status === TIMED_OUT
    this.#end({ kind: 'failed', code: isDown ? 'network_down' : `whatsapp_${status}`, text })
  }

  #linked(): void {
    const { me } = this.#state.creds
    const phone = /^(\d+)/.exec(me?.id ?? '')?.[1]
    if (phone === undefined) {
      return this.#end({
        kind: 'failed',
        code: 'no_account',
        text: 'WhatsApp does not say which account it is.',
      })
    }
    const name =
      me?.name === undefined || me.name === '~' || me.name === '' ? `+${phone}` : `${me.name} (+${phone})`
    this.#end({ kind: 'linked', account: phone, name, values: this.#state.dump() })
  }

  #end(news: LinkNews): void {
    if (this.#isOver) return
    void this.stop().catch(() => undefined)
    this.#news(news)
  }
}
