import type { MediaContent, MessageContent, TextContent } from '../../model/content.ts'
import { textSource } from './media-ref.ts'

/**
 * Bytes of a text that stay a text: an event of Matrix is at most 65,536 bytes (specification, "Size limits"), and an
 * edit holds its text twice.
 */
const MOST_BYTES = { message: 50_000, edit: 25_000 }
const BEGINNING = 1_000

/** WhatsApp's texts may be longer than Matrix takes: such a one is a file with its beginning as caption. */
export function fitting(content: MessageContent, as: keyof typeof MOST_BYTES): MessageContent {
  const isLong = content.kind === 'text' && Buffer.byteLength(JSON.stringify(content.body)) > MOST_BYTES[as]
  return isLong ? textFile(content) : content
}

function textFile({ body, mentions }: TextContent): MediaContent {
  const beginning = Array.from(body.slice(0, 2 * BEGINNING))
    .slice(0, BEGINNING)
    .join('')
    .toWellFormed()
  return {
    kind: 'media',
    media: 'file',
    fileName: 'message.txt',
    mimeType: 'text/plain',
    sizeBytes: Buffer.byteLength(body),
    source: textSource(body),
    caption: { body: `${beginning}… (the whole text is in the file)` },
    ...(mentions !== undefined && { mentions }),
  }
}
