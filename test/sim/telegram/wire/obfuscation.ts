import type { Cipheriv, Decipheriv } from 'node:crypto'
import { createCipheriv, createDecipheriv } from 'node:crypto'

export const OBFUSCATION_HEADER = 64

/** AES-256-CTR over a whole connection (https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation). */
export class Obfuscation {
  /** Says which framing is inside, by the same bytes that announce it without obfuscation. */
  readonly tag: Buffer
  private readonly incoming: Decipheriv
  private readonly outgoing: Cipheriv

  constructor(header: Buffer) {
    const reversed = Buffer.from(header.subarray(8, 56)).reverse()
    this.incoming = createDecipheriv('aes-256-ctr', header.subarray(8, 40), header.subarray(40, 56))
    this.outgoing = createCipheriv('aes-256-ctr', reversed.subarray(0, 32), reversed.subarray(32, 48))
    this.tag = this.incoming.update(header).subarray(56, 60)
  }

  decrypt(bytes: Uint8Array): Buffer {
    return this.incoming.update(bytes)
  }

  encrypt(bytes: Uint8Array): Buffer {
    return this.outgoing.update(bytes)
  }
}
