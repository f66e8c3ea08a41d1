import { createHmac, timingSafeEqual } from 'node:crypto'

export const LINKED = ['media', 'text'] as const
export type Linked = { kind: (typeof LINKED)[number]; id: string; expiresAt: Date }

/** Tokens for links that anyone may follow until they expire, and that nobody can make up. */
export class LinkSigner {
  readonly #key: Buffer

  constructor(key: Buffer) {
    if (key.length < 32) throw new Error('the key of the media links must have 32 bytes')
    this.#key = key
  }

  sign(link: Linked): string {
    const fields = [link.kind, link.id, Math.floor(link.expiresAt.getTime() / 1000)]
    const payload = Buffer.from(JSON.stringify(fields)).toString('base64url')
    return `${payload}.${this.#mac(payload).toString('base64url')}`
  }

  /** What a token stands for; undefined for one that is forged, damaged or expired. Nothing is read before it is proven. */
  verify(token: string, now: Date): Linked | undefined {
    const [payload = '', mac = '', ...rest] = token.split('.')
    if (rest.length > 0) return undefined
    const given = Buffer.from(mac, 'base64url')
    const own = this.#mac(payload)
    if (given.length !== own.length || !timingSafeEqual(given, own)) return undefined
    const [kind, id, seconds] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown[]
    if (typeof id !== 'string' || typeof seconds !== 'number') return undefined
    const known = LINKED.find((name) => name === kind)
    const expiresAt = new Date(seconds * 1000)
    return known && expiresAt > now ? { kind: known, id, expiresAt } : undefined
  }

  #mac(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(payload).digest()
  }
}
