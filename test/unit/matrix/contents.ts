import { toEvent } from '../../../src/matrix/to-event.ts'
import type { EventOptions } from '../../../src/matrix/to-event.ts'
import type { MediaContent, MessageContent, PollContent } from '../../../src/model/content.ts'
import { matrixEventId, mxcUri } from '../../../src/model/ids.ts'

/** Content of each kind, as tests of conversion use it. */
export const MXC = mxcUri('mxc://example.org/abc')
export const target = matrixEventId('$target')
export const root = matrixEventId('$root')
export const written = (body: string, more: object = {}): MessageContent => ({
  kind: 'text',
  style: 'text',
  body,
  ...more,
})
export const photo = (more: Partial<MediaContent> = {}): MediaContent => ({
  kind: 'media',
  media: 'image',
  fileName: 'a.png',
  source: { at: 'remote', ref: {} },
  ...more,
})
export const poll: PollContent = {
  kind: 'poll',
  question: 'Lunch?',
  options: [
    { id: 'a', text: 'Pizza' },
    { id: 'b', text: 'Soup' },
  ],
  maxSelections: 1,
}
/** The content of the event that is made. */
export const contentOf = (content: MessageContent, options: EventOptions = {}) =>
  toEvent(content, options).content
