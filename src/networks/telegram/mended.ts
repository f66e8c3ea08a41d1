import type { TelegramCall } from './call.ts'
import type { Again } from './errors.ts'
import { asDocument } from './to-upload.ts'

type Creating = Extract<TelegramCall, { kind: 'text' | 'upload' | 'media' }>

/** The call without what the server did not take of it; undefined when there is nothing to leave out. */
export function mended(call: Creating, after: Again): Creating | undefined {
  switch (after) {
    case 'upload':
      return call.kind === 'upload' ? call : undefined
    case 'as-document':
      return call.kind === 'upload' && call.upload.as === 'photo'
        ? { ...call, upload: asDocument(call.upload) }
        : undefined
    case 'without-reply': {
      const { to, quote, ...reply } = call.reply
      return to === undefined && quote === undefined ? undefined : { ...call, reply }
    }
    case 'without-quote': {
      const { quote, ...reply } = call.reply
      return quote === undefined ? undefined : { ...call, reply }
    }
    case 'without-entities':
      if (call.kind === 'text') return plainly(call.text) && { ...call, text: { ...call.text, entities: [] } }
      if (call.kind === 'upload')
        return plainly(call.caption) && { ...call, caption: { ...call.caption, entities: [] } }
      return undefined
    case 'anonymous': {
      if (call.kind !== 'media' || call.media._ !== 'inputMediaPoll') return undefined
      const { publicVoters, ...poll } = call.media.poll
      return publicVoters === true ? { ...call, media: { ...call.media, poll } } : undefined
    }
    case 'reference':
    case 'duplicate':
    case 'peer':
      return undefined
  }
}

/** Whether there are formats to leave out. */
const plainly = ({ entities }: { entities: readonly unknown[] }): true | undefined =>
  entities.length > 0 ? true : undefined
