import type { proto } from '@whiskeysockets/baileys'

export type Unwrapped = {
  content: proto.IMessage
  /** It may be seen once, on the phone. */
  viewOnce: boolean
}

/** Messages around messages. Each says something about what is in it, and most of it only to the app. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'groupMentionedMessage',
  'botInvokeMessage',
  'botForwardedMessage',
  'botTaskMessage',
  'lottieStickerMessage',
  'eventCoverImage',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'questionMessage',
  'questionReplyMessage',
  'limitSharingMessage',
  'statusMentionMessage',
  'groupStatusMentionMessage',
  'statusAddYours',
  'deviceSentMessage',
] as const satisfies readonly (keyof proto.IMessage)[]

const DEEPEST = 10

/** What a message is about, without its wrappers. */
export function unwrap(message: proto.IMessage): Unwrapped {
  let content = message
  let viewOnce = false
  for (let depth = 0; depth < DEEPEST; depth++) {
    const name = WRAPPERS.find((each) => content[each]?.message)
    const inner = name === undefined ? undefined : content[name]?.message
    if (name === undefined || !inner) break
    viewOnce ||= name.startsWith('viewOnce')
    const { messageContextInfo } = content
    content = messageContextInfo && !inner.messageContextInfo ? withInfo(inner, messageContextInfo) : inner
  }
  const { imageMessage, videoMessage, audioMessage, extendedTextMessage } = content
  const single = [imageMessage, videoMessage, audioMessage, extendedTextMessage].some(
    (each) => each?.viewOnce === true,
  )
  return { content, viewOnce: viewOnce || single }
}

const withInfo = (inner: proto.IMessage, messageContextInfo: proto.IMessageContextInfo): proto.IMessage => ({
  ...inner,
  messageContextInfo,
})

/** What a message says about its surroundings: what it answers, whom it mentions, when it disappears. */
export function contextOf(content: proto.IMessage): proto.IContextInfo | undefined {
  for (const part of Object.values(content) as unknown[]) {
    if (typeof part !== 'object' || part === null || !('contextInfo' in part)) continue
    const { contextInfo } = part
    if (typeof contextInfo === 'object' && contextInfo !== null) return contextInfo
  }
  return undefined
}

/** The parts of a message that say something by themselves. */
export const partsOf = (content: proto.IMessage): string[] =>
  Object.entries(content).flatMap(([name, value]) => (value && !SILENT.has(name) ? [name] : []))

/** Keys and lists of devices that travel with messages, and messages that stand for others that follow. */
const SILENT: ReadonlySet<string> = new Set([
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
  'messageContextInfo',
  'albumMessage',
  'stickerSyncRmrMessage',
  'messageHistoryBundle',
  'messageHistoryNotice',
])
