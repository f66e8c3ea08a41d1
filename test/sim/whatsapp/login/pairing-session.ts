import { randomBytes } from 'node:crypto'
import type { Account, Accounts, Node } from '../contract.ts'
import { bytesOf, child, errorOf, resultOf } from '../node.ts'
import type { Connection, Session } from '../wire/connection.ts'
import { isSignedByCompanion, sealForCompanion, vouch } from './adv.ts'
import { LinkRefused } from './link-refused.ts'
import type { Registration } from './payload.ts'

/** What a companion says when it shows a pairing code. */
export type CodeHello = { readonly phone: string; readonly wrappedEphemeral: Buffer; readonly ref: string }

type Waiting = { resolve(node: Node): void; reject(error: Error): void }

/** The connection of a companion that wants to be linked, until it is, or gives up. */
export class PairingSession implements Session {
  readonly who = undefined
  readonly registration: Registration
  readonly noise: Uint8Array
  readonly refs: readonly string[]
  #codeHello: CodeHello | undefined
  readonly #connection: Connection
  readonly #accounts: Accounts
  readonly #onClosed: (session: PairingSession) => void
  readonly #waiting = new Map<string, Waiting>()
  #sent = 0

  constructor(parts: {
    connection: Connection
    registration: Registration
    noise: Uint8Array
    accounts: Accounts
    qrCodes: number
    onClosed: (session: PairingSession) => void
  }) {
    this.registration = parts.registration
    this.noise = parts.noise
    this.#connection = parts.connection
    this.#accounts = parts.accounts
    this.#onClosed = parts.onClosed
    this.refs = Array.from({ length: parts.qrCodes }, () => `2@${randomBytes(24).toString('base64')}`)
  }

  /** What the companion said with its pairing code, if it shows one. */
  get codeHello(): CodeHello | undefined {
    return this.#codeHello
  }

  started(): void {
    this.#set(this.#nextId(), {
      tag: 'pair-device',
      attrs: {},
      content: this.refs.map((content) => ({ tag: 'ref', attrs: {}, content })),
    })
  }

  received(node: Node): boolean {
    const { id = '', type, xmlns } = node.attrs
    if (node.tag === 'ack' || node.tag === 'presence' || node.tag === 'ib') return true
    if (node.tag !== 'iq') return false
    if (type === 'result') {
      this.#settle(id, node)
      return true
    }
    if (xmlns === 'w:p') this.#connection.send(resultOf(node))
    const code = xmlns === 'md' ? child(node, 'link_code_companion_reg') : undefined
    return xmlns === 'w:p' || (code !== undefined && this.#linkCode(node, code))
  }

  closed(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new LinkRefused('companion-failed'))
    this.#waiting.clear()
    this.#onClosed(this)
  }

  /** Tells the companion something. */
  notify(type: string, content: Node[]): void {
    const attrs = {
      from: 's.whatsapp.net',
      id: this.#nextId(),
      type,
      t: String(Math.floor(Date.now() / 1000)),
    }
    this.#connection.send({ tag: 'notification', attrs, content })
  }

  /** The `companion_finish` that answers what the phone said. Rejects with `companion-failed` when it hangs up. */
  finish(): Promise<Node> {
    return this.#answer('companion_finish')
  }

  /** Settles when the connection is over. */
  gone(): Promise<void> {
    return this.#answer('gone').then(
      () => undefined,
      () => undefined,
    )
  }

  /**
   * Both sides sign, the account has a companion more, and the companion is told to connect again (515). Resolves
   * with the device's number. Rejects with LinkRefused.
   */
  async complete(account: Account, secret: Uint8Array): Promise<number> {
    const { identity, registrationId, signedPreKey, props } = this.registration
    const place = this.#accounts.reserve(account.phone)
    if (place === undefined) throw new LinkRefused('too-many-devices')
    const { number, keyIndex } = place
    const vouched = vouch(account, keyIndex, identity)
    const answer = await this.#ask({
      tag: 'pair-success',
      attrs: {},
      content: [
        { tag: 'device-identity', attrs: {}, content: sealForCompanion(account, vouched, secret) },
        { tag: 'platform', attrs: { name: account.platform } },
        {
          tag: 'device',
          attrs: { jid: `${account.phone}:${number}@s.whatsapp.net`, lid: `${account.lid}:${number}@lid` },
        },
      ],
    })
    const sign = child(answer, 'pair-device-sign')
    const signedIdentity = bytesOf(sign === undefined ? undefined : child(sign, 'device-identity'))
    if (!isSignedByCompanion(account, vouched, identity, signedIdentity))
      throw new LinkRefused('companion-failed')
    const { noise } = this
    this.#accounts.link(account.phone, {
      number,
      keyIndex,
      identity,
      noise,
      registrationId,
      signedPreKey,
      props,
      signedIdentity,
    })
    this.#connection.end({ tag: 'stream:error', attrs: { code: '515' } })
    return number
  }

  #linkCode(iq: Node, code: Node): boolean {
    const phone = (code.attrs['jid'] ?? '').split('@')[0] ?? ''
    switch (code.attrs['stage']) {
      case 'companion_hello': {
        if (this.#accounts.find(phone) === undefined) {
          this.#connection.send(errorOf(iq, 404, 'item-not-found'))
          return true
        }
        const ref = randomBytes(16).toString('base64')
        const wrapped = child(code, 'link_code_pairing_wrapped_companion_ephemeral_pub')
        this.#codeHello = { phone, wrappedEphemeral: bytesOf(wrapped), ref }
        const content = [{ tag: 'link_code_pairing_ref', attrs: {}, content: Buffer.from(ref) }]
        this.#connection.send(resultOf(iq, [{ tag: 'link_code_companion_reg', attrs: {}, content }]))
        return true
      }
      case 'companion_finish':
        this.#connection.send(resultOf(iq))
        this.#settle('companion_finish', code)
        return true
      default:
        return false
    }
  }

  #ask(content: Node): Promise<Node> {
    const id = this.#nextId()
    const answer = this.#answer(id)
    this.#set(id, content)
    return answer
  }

  #set(id: string, content: Node): void {
    const attrs = { from: 's.whatsapp.net', type: 'set', xmlns: 'md', id }
    this.#connection.send({ tag: 'iq', attrs, content: [content] })
  }

  #answer(id: string): Promise<Node> {
    if (!this.#connection.open) return Promise.reject(new LinkRefused('companion-failed'))
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
    })
  }

  #settle(id: string, node: Node): void {
    this.#waiting.get(id)?.resolve(node)
    this.#waiting.delete(id)
  }

  #nextId(): string {
    return `pair-${++this.#sent}`
  }
}
