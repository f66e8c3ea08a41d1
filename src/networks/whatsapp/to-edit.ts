import { proto } from '@whiskeysockets/baileys'
import type { MessageContent } from '../../model/content.ts'
import type { RemoteAction } from '../../model/remote-action.ts'
import { refusedPlan } from './call.ts'
import type { WaCall, WaPlan } from './call.ts'
import { EDIT_WINDOW_MS, TEXT_LIMIT } from './limits.ts'
import { keysOf } from './message-key.ts'
import { split } from './split.ts'
import { shown, textMessage, textOf, toMessage } from './to-message.ts'
import { contextFor } from './to-text.ts'
import { takesCaption, toUpload } from './to-upload.ts'
import type { Voice } from './voice.ts'

const { Type } = proto.Message.ProtocolMessage

type Edit = Extract<RemoteAction, { kind: 'edit' }>

/**
 * A new text for an old message, within fifteen minutes; later, and where WhatsApp has no edits, the new one is sent as
 * an answer to the old one. A message in parts is edited part by part.
 */
export function toEdit(action: Edit, voice: Voice): WaPlan {
  const { content, target } = action
  const keys = keysOf(voice, target.remoteIds)
  const [first] = keys
  if (first === undefined) return refusedPlan('What this is about is not on WhatsApp.')
  const text = textOf(content, voice)
  if (voice.now.getTime() - target.at.getTime() > EDIT_WINDOW_MS)
    return correction(action, voice, 'WhatsApp lets messages be edited for 15 minutes')
  if (first.fromMe !== true || text === undefined)
    return correction(action, voice, 'WhatsApp cannot change this')
  const context = contextFor(voice, text)
  if (content.kind === 'media') {
    const { upload } = toUpload(content)
    if (!takesCaption(upload) || text.text.length > TEXT_LIMIT)
      return correction(action, voice, 'WhatsApp cannot change this')
    // The attachment is the last of its message's parts: words that take no caption went before it.
    const edit = keys.at(-1) ?? first
    return { calls: [{ kind: 'upload', upload, caption: text.text, context, edit }] }
  }
  const parts = split(text.text, TEXT_LIMIT)
  if (parts.length === 0) return refusedPlan('There is nothing in it that WhatsApp could show.')
  const calls = parts.map((part, i): WaCall => {
    const message = textMessage(part, context)
    const key = keys[i]
    return key === undefined ? shown(message) : editCall(key, message, voice)
  })
  const left = keys.slice(parts.length).map((key): WaCall => ({
    kind: 'send',
    message: { protocolMessage: { key, type: Type.REVOKE } },
    shown: false,
    attributes: { edit: '7' },
  }))
  return { calls: [...calls, ...left] }
}

const editCall = (key: proto.IMessageKey, editedMessage: proto.IMessage, voice: Voice): WaCall => ({
  kind: 'send',
  message: {
    protocolMessage: { key, type: Type.MESSAGE_EDIT, editedMessage, timestampMs: voice.now.getTime() },
  },
  shown: false,
  attributes: { edit: '1' },
})

function correction({ target, content }: Edit, voice: Voice, why: string): WaPlan {
  // An attachment is there already: its new words are enough.
  const words: MessageContent =
    content.kind === 'media' && content.caption !== undefined
      ? {
          kind: 'text',
          style: 'text',
          ...content.caption,
          ...(content.mentions && { mentions: content.mentions }),
        }
      : content
  const plan = toMessage({ kind: 'message', content: words, replyTo: target }, voice)
  return 'refused' in plan
    ? plan
    : { ...plan, note: `${why}: the new text was sent as an answer to the old one.` }
}
