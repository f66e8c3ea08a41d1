import { readFileSync } from 'node:fs'
import { getWasmUrl, ige256Decrypt, ige256Encrypt, initSync } from '@mtcute/wasm'

let ready = false

function initialize(): void {
  if (!ready) initSync(readFileSync(getWasmUrl()))
  ready = true
}

/** AES-256 in Infinite Garble Extension mode; the length is a multiple of 16, key and iv have 32 bytes. */
export function igeEncrypt(data: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer {
  initialize()
  return Buffer.from(ige256Encrypt(data, key, iv))
}

export function igeDecrypt(data: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer {
  initialize()
  return Buffer.from(ige256Decrypt(data, key, iv))
}
