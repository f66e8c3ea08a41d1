import { DEFAULT_CONNECTION_CONFIG, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import tls from 'node:tls'
import { resolveMediaName } from '../world/media-name.ts'

/** Makes every Baileys client of this process believe this root. Baileys reads it from an object that anybody may change. */
export function trust(root: Uint8Array): void {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(root)
}

/** Clients that are told no other server connect to this one. */
export function connectTo(url: string): void {
  DEFAULT_CONNECTION_CONFIG.waWebSocketUrl = url
}

const media = new Set<string>()

/** This process believes the media host of this certificate (PEM), and finds WhatsApp's own name there. */
export function trustMedia(cert: string): void {
  if (media.size === 0) resolveMediaName()
  if (media.has(cert)) return
  media.add(cert)
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), cert])
}
