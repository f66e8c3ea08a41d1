import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** The secret that an account's devices share for app state, and what is derived from it. */
export class SyncKey {
  readonly id: Buffer = randomBytes(6)
  readonly data: Buffer = randomBytes(32)
  private readonly index: Buffer
  private readonly value: Buffer
  private readonly valueMac: Buffer
  private readonly snapshotMac: Buffer
  private readonly patchMac: Buffer

  constructor() {
    const keys = Buffer.from(hkdfSync('sha256', this.data, Buffer.alloc(0), 'WhatsApp Mutation Keys', 160))
    const part = (i: number) => keys.subarray(i * 32, i * 32 + 32)
    this.index = part(0)
    this.value = part(1)
    this.valueMac = part(2)
    this.snapshotMac = part(3)
    this.patchMac = part(4)
  }

  /** The name under which the server stores a value, without knowing what it is about. */
  indexMac(index: Uint8Array): Buffer {
    return createHmac('sha256', this.index).update(index).digest()
  }

  /** Value and its MAC. `operation`: 1 set, 2 remove. */
  seal(operation: 1 | 2, plain: Uint8Array): { blob: Buffer; mac: Buffer } {
    const iv = randomBytes(16)
    const cipher = createCipheriv('aes-256-cbc', this.value, iv)
    const encrypted = Buffer.concat([iv, cipher.update(plain), cipher.final()])
    const mac = this.mac(operation, encrypted)
    return { blob: Buffer.concat([encrypted, mac]), mac }
  }

  /** Throws when it was made with another key. */
  open(blob: Uint8Array): Buffer {
    const bytes = Buffer.from(blob)
    const decipher = createDecipheriv('aes-256-cbc', this.value, bytes.subarray(0, 16))
    return Buffer.concat([decipher.update(bytes.subarray(16, -32)), decipher.final()])
  }

  snapshot(hash: Uint8Array, version: number, name: string): Buffer {
    return createHmac('sha256', this.snapshotMac).update(hash).update(eight(version)).update(name).digest()
  }

  patch(snapshotMac: Uint8Array, valueMacs: readonly Uint8Array[], version: number, name: string): Buffer {
    const hmac = createHmac('sha256', this.patchMac).update(snapshotMac)
    for (const mac of valueMacs) hmac.update(mac)
    return hmac.update(eight(version)).update(name).digest()
  }

  private mac(operation: 1 | 2, encrypted: Uint8Array): Buffer {
    const head = Buffer.concat([Buffer.from([operation]), this.id])
    const hmac = createHmac('sha512', this.valueMac).update(head).update(encrypted)
    return hmac.update(eight(head.length)).digest().subarray(0, 32)
  }
}

/** Big-endian, 64 bits. */
function eight(value: number): Buffer {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value))
  return out
}
