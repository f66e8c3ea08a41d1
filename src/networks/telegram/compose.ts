import type { tl } from '@mtcute/core'
import type { TelegramCall, TgReply } from './call.ts'
import { longOf } from './send-once.ts'

type Creating = Extract<TelegramCall, { kind: 'text' | 'upload' | 'media' }>

/** What a message answers, as requests have it; a topic is answered by its first message. */
export function inputReply({ to, topic, quote }: TgReply): tl.RawInputReplyToMessage | undefined {
  const replyToMsgId = to ?? topic
  if (replyToMsgId === undefined) return undefined
  return {
    _: 'inputReplyToMessage',
    replyToMsgId,
    ...(topic !== undefined && { topMsgId: topic }),
    ...(quote && {
      quoteText: quote.text,
      ...(quote.entities.length > 0 && { quoteEntities: quote.entities }),
    }),
  }
}

/** The request that makes a message; `media` is what its attachment has become. */
export function messageRequest(
  peer: tl.TypeInputPeer,
  call: Creating,
  randomId: string,
  media?: tl.TypeInputMedia,
): tl.messages.RawSendMessageRequest | tl.messages.RawSendMediaRequest {
  const replyTo = inputReply(call.reply)
  const common = { peer, randomId: longOf(randomId), ...(replyTo && { replyTo }) }
  if (call.kind === 'text') {
    const { text, entities } = call.text
    return {
      _: 'messages.sendMessage',
      ...common,
      message: text,
      ...(entities.length > 0 && { entities }),
      ...(call.noPreview && { noWebpage: true }),
    }
  }
  const caption = call.kind === 'upload' ? call.caption : { text: '', entities: [] }
  const attached = call.kind === 'media' ? call.media : media
  if (attached === undefined) throw new Error('an attachment that was not uploaded')
  return {
    _: 'messages.sendMedia',
    ...common,
    media: attached,
    message: caption.text,
    ...(caption.entities.length > 0 && { entities: caption.entities }),
  }
}
