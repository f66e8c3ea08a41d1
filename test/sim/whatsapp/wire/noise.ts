import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'

/** The protocol's name fills its 32 bytes with zeros, so that it is h and ck as it is (Noise, section 5.2). */
const PROTOCOL = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0')
const TAG_BYTES = 16
const NONE = Buffer.alloc(0)

/** One key and its counter: AES-256-GCM, the nonce being 8 zero bytes and the counter. */
export class CipherState {
  readonly #key: Buffer
  #counter = 0

  constructor(key: Buffer) {
    this.#key = key
  }

  seal(plaintext: Uint8Array, additional: Uint8Array = NONE): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nonce()).setAAD(additional)
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  }

  /** Throws when the ciphertext is not from this key, counter and additional data. */
  open(sealed: Uint8Array, additional: Uint8Array = NONE): Buffer {
    if (sealed.length < TAG_BYTES) throw new Error('a sealed text is shorter than its tag')
    const decipher = createDecipheriv('aes-256-gcm', this.#key, this.#nonce()).setAAD(additional)
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
  }

  #nonce(): Buffer {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(this.#counter++, 8)
    return nonce
  }
}

/** The symmetric state of a Noise handshake (section 5.2 of the specification). */
export class HandshakeState {
  #hash: Buffer = PROTOCOL
  #chaining: Buffer = PROTOCOL
  #cipher = new CipherState(PROTOCOL)

  mixHash(data: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest()
  }

  mixKey(secret: Uint8Array): void {
    const [chaining, key] = this.#derive(secret)
    this.#chaining = chaining
    this.#cipher = new CipherState(key)
  }

  seal(plaintext: Uint8Array): Buffer {
    const sealed = this.#cipher.seal(plaintext, this.#hash)
    this.mixHash(sealed)
    return sealed
  }

  open(sealed: Uint8Array): Buffer {
    const plaintext = this.#cipher.open(sealed, this.#hash)
    this.mixHash(sealed)
    return plaintext
  }

  /** The transport's two directions: from the client, and to it. */
  split(): { fromClient: CipherState; toClient: CipherState } {
    const [first, second] = this.#derive(NONE)
    return { fromClient: new CipherState(first), toClient: new CipherState(second) }
  }

  #derive(secret: Uint8Array): [Buffer, Buffer] {
    const bytes = Buffer.from(hkdfSync('sha256', secret, this.#chaining, NONE, 64))
    return [bytes.subarray(0, 32), bytes.subarray(32)]
  }
}
