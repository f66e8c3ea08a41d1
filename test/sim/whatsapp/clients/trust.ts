import { DEFAULT_CONNECTION_CONFIG, WA_CERT_DETAILS } from '@whiskeysockets/baileys'

/**
 * Makes every Baileys client of this process that is made afterwards believe this root, and connect to this server
 * when it is told no other. Baileys reads both from objects that anybody may change.
 */
export function trust(root: Uint8Array, url?: string): void {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(root)
  if (url !== undefined) DEFAULT_CONNECTION_CONFIG.waWebSocketUrl = url
}
