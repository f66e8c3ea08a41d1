import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export type Sealed = {
  readonly bytes: Buffer
  readonly mediaKey: Buffer
  readonly fileSha256: Buffer
  readonly fileEncSha256: Buffer
  readonly fileLength: number
}

/**
 * Encrypts a file as WhatsApp's clients do (AES-256-CBC, ten bytes of HMAC-SHA256 behind): for files that a phone
 * makes. `kind` is a name such as `History` or `App State`.
 */
export function seal(plain: Uint8Array, kind: string): Sealed {
  const mediaKey = randomBytes(32)
  const keys = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), `WhatsApp ${kind} Keys`, 112))
  const iv = keys.subarray(0, 16)
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(16, 48), iv)
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
  const mac = createHmac('sha256', keys.subarray(48, 80)).update(iv).update(encrypted).digest()
  const bytes = Buffer.concat([encrypted, mac.subarray(0, 10)])
  return {
    bytes,
    mediaKey,
    fileSha256: createHash('sha256').update(plain).digest(),
    fileEncSha256: createHash('sha256').update(bytes).digest(),
    fileLength: plain.length,
  }
}

/** What a phone answers when it is asked to upload a file again (AES-256-GCM, the message id authenticated). */
export function sealRetry(
  answer: Uint8Array,
  mediaKey: Uint8Array,
  messageId: string,
): { data: Buffer; iv: Buffer } {
  const info = 'WhatsApp Media Retry Notification'
  const key = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(0), info, 32))
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(messageId))
  return { data: Buffer.concat([cipher.update(answer), cipher.final(), cipher.getAuthTag()]), iv }
}
