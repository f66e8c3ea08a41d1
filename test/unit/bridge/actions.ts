import { renderFallback } from '../../../src/bridge/fallback.ts'
import type { FallbackOptions } from '../../../src/bridge/fallback.ts'
import type { Capabilities } from '../../../src/model/capabilities.ts'
import type { MediaContent, MessageContent, PollContent } from '../../../src/model/content.ts'
import { matrixEventId, mxcUri, remoteMessageId, remoteUserId } from '../../../src/model/ids.ts'
import type { RemoteAction, Target } from '../../../src/model/remote-action.ts'

/** Actions, and networks that can do nothing or everything with them. */
export const NOTHING: Capabilities = {
  formatting: 'text',
  media: 'text',
  location: 'text',
  contact: 'text',
  polls: 'text',
  reactions: 'text',
  edits: 'text',
  redactions: 'text',
  replies: 'text',
  typing: false,
  receipts: false,
  membership: false,
  topic: false,
  name: false,
  power: false,
}
export const EVERYTHING: Capabilities = {
  ...NOTHING,
  formatting: 'native',
  media: 'native',
  location: 'native',
  contact: 'native',
  polls: 'native',
  reactions: 'native',
  edits: 'native',
  redactions: 'native',
  replies: 'native',
  membership: true,
  topic: true,
  name: true,
  power: true,
}

export const NOW = new Date('2026-01-01T12:00:00Z')
export const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000)
export const options: FallbackOptions = { actorName: 'alice', at: NOW }

export const target = (more: Partial<Target> = {}): Target => ({
  eventId: matrixEventId('$t'),
  remoteIds: [remoteMessageId('1')],
  author: remoteUserId('net/bob'),
  authorName: 'bob',
  own: false,
  at: ago(60),
  excerpt: 'shall we meet at noon',
  ...more,
})
export const text = (body: string, more: object = {}): MessageContent => ({
  kind: 'text',
  style: 'text',
  body,
  ...more,
})
export const say = (content: MessageContent, more: object = {}): RemoteAction => ({
  kind: 'message',
  content,
  ...more,
})
export const without = (key: keyof Target) => {
  const { [key]: _gone, ...rest } = target()
  return rest as Target
}
export const photo: MediaContent = {
  kind: 'media',
  media: 'image',
  fileName: 'cat.jpg',
  source: { at: 'matrix', mxc: mxcUri('mxc://a/b') },
  sizeBytes: 1_234_567,
}
export const poll: PollContent = {
  kind: 'poll',
  question: 'Lunch?',
  options: [
    { id: 'a', text: 'Pizza' },
    { id: 'b', text: 'Soup' },
  ],
  maxSelections: 1,
}
export const mediaLink = () => 'https://m.example/x'

/** What a network without any ability is sent: style and words; or the reason why nothing is. */
export function wordsOf(action: RemoteAction, caps = NOTHING, more: Partial<FallbackOptions> = {}): string {
  const rendered = renderFallback(action, caps, { ...options, ...more })
  if ('drop' in rendered) return `drop: ${rendered.drop}`
  if (rendered.action.kind !== 'message') return `native: ${rendered.action.kind}`
  const { content } = rendered.action
  return content.kind === 'text' ? `${content.style}: ${content.body}` : `native: ${content.kind}`
}
