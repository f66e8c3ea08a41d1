import { createHash } from 'node:crypto'
import type { tl } from '@mtcute/core'
import { mediaKey } from './from-media.ts'

/**
 * A hash of what people see of a message. The server also calls it an edit when somebody reacts, votes or looks, and
 * when a preview of a link is there (`updateEditMessage`); then the hash stays the same.
 */
export function hashOf(message: tl.RawMessage): string {
  const seen = [
    message.message,
    message.entities ?? [],
    message.richMessage ?? null,
    mediaKey(message.media),
    message.replyMarkup?._ === 'replyInlineMarkup' ? message.replyMarkup.rows : null,
  ]
  return createHash('sha256').update(JSON.stringify(seen, plainly)).digest('base64url').slice(0, 16)
}

/** Numbers of 64 bits and bytes in one spelling, whatever object holds them. */
function plainly(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  if (typeof value !== 'object' || value === null || !('low' in value) || !('high' in value)) return value
  return [value.low, value.high]
}
