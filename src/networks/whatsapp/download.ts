import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { getMediaKeys } from '@whiskeysockets/baileys'
import { ViaductError, messageOf } from '../../model/errors.ts'
import type { MediaRef } from './media-ref.ts'

type FileRef = Extract<MediaRef, { of: 'message' }>

/** Where files are that carry no host. */
const HOST = 'mmg.whatsapp.net'
const ORIGIN = 'https://web.whatsapp.com'
/** The end of an encrypted file is the beginning of its HMAC. */
const MAC_BYTES = 10
const ANSWER_MS = 60_000

/** The file is at no place that the message names; the sender's phone may put it there again. */
export class Gone extends Error {}

/**
 * Opens a file of WhatsApp in clear, read as it comes. Baileys' own way ends the process when a download ends early.
 * @throws Gone where it is not there any more, ViaductError for what may pass; later faults are the stream's
 */
export async function download(ref: FileRef): Promise<{ stream: Readable; sizeBytes?: number }> {
  const url = urlOf(ref)
  if (url === undefined) throw new Gone('the message says of no place')
  let response: Response
  try {
    response = await fetch(url, { headers: { Origin: ORIGIN }, signal: AbortSignal.timeout(ANSWER_MS) })
  } catch (cause) {
    throw new ViaductError('network_down', `WhatsApp's files cannot be reached: ${messageOf(cause)}`, {
      cause,
    })
  }
  const { body, status } = response
  if (status === 404 || status === 410 || status === 403) {
    await body?.cancel()
    throw new Gone(`WhatsApp answered ${status}`)
  }
  if (!response.ok || body === null) {
    await body?.cancel()
    throw new ViaductError('network_down', `WhatsApp answered ${status} to a download`)
  }
  const stream = Readable.from(opened(body as ReadableStream<Uint8Array>, ref), { objectMode: false })
  return { stream, ...(ref.sizeBytes !== undefined && { sizeBytes: ref.sizeBytes }) }
}

function urlOf({ path, url }: FileRef): string | undefined {
  if (path === undefined) return url?.startsWith('https:') === true ? url : undefined
  const host = url !== undefined && URL.canParse(url) ? new URL(url).host : HOST
  return `https://${host}${path}`
}

/** The bytes in clear, checked to their end: against the HMAC, and against the hash that the message gave. */
async function* opened(body: AsyncIterable<Uint8Array>, ref: FileRef): AsyncGenerator<Buffer> {
  const { iv, cipherKey, macKey } = await getMediaKeys(Buffer.from(ref.mediaKey, 'base64'), ref.type)
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  const mac = createHmac('sha256', macKey ?? Buffer.alloc(0)).update(iv)
  const clear = createHash('sha256')
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of body) {
    const bytes = Buffer.concat([held, chunk])
    const ready = bytes.subarray(0, Math.max(0, bytes.length - MAC_BYTES))
    held = Buffer.from(bytes.subarray(ready.length))
    mac.update(ready)
    const plain = decipher.update(ready)
    clear.update(plain)
    if (plain.length > 0) yield plain
  }
  const given = mac.digest().subarray(0, MAC_BYTES)
  if (held.length !== MAC_BYTES || !timingSafeEqual(given, held)) throw damaged()
  const last = decipher.final()
  clear.update(last)
  if (ref.sha256 !== undefined && clear.digest('base64') !== ref.sha256) throw damaged()
  if (last.length > 0) yield last
}

const damaged = () => new ViaductError('network_down', 'the file came damaged from WhatsApp')
