import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import type { MediaContent, MessageContent, TextContent } from '../../../../src/model/content.ts'
import { matrixEventId, mxcUri, remoteMessageId } from '../../../../src/model/ids.ts'
import type { RemoteAction, Target } from '../../../../src/model/remote-action.ts'
import type { TelegramCall, TelegramPlan } from '../../../../src/networks/telegram/call.ts'
import { toRemote } from '../../../../src/networks/telegram/to-remote.ts'
import type { Voice } from '../../../../src/networks/telegram/voice.ts'
import { BOB, ME, SUPER } from './setup.ts'

export const input = (userId: number): tl.TypeInputUser => ({ _: 'inputUser', userId, accessHash: Long.ONE })
export const voice = (more: Partial<Voice> = {}): Voice => ({
  chat: { kind: 'channel', id: SUPER },
  account: ME,
  premium: false,
  broadcast: false,
  inputUser: (id) => (id === BOB ? input(BOB) : undefined),
  usernameOf: (id) => (id === 3000 ? 'cem' : undefined),
  ownReactions: [],
  ...more,
})
export const target = (more: Partial<Target> = {}): Target => ({
  eventId: matrixEventId('$e'),
  remoteIds: [remoteMessageId('10')],
  own: true,
  at: new Date(0),
  authorName: 'Bob',
  excerpt: 'what Bob said',
  ...more,
})
export const text = (body: string, more: Partial<TextContent> = {}): TextContent => ({
  kind: 'text',
  style: 'text',
  body,
  ...more,
})
export const image: MediaContent = {
  kind: 'media',
  media: 'image',
  fileName: 'a.jpg',
  mimeType: 'image/jpeg',
  source: { at: 'matrix', mxc: mxcUri('mxc://hs/a') },
}

export const calls = (plan: TelegramPlan): TelegramCall[] => {
  if ('refused' in plan) throw new Error(plan.refused)
  return plan.calls
}
export const send = (
  content: MessageContent,
  more: Partial<Extract<RemoteAction, { kind: 'message' }>> = {},
  by?: Partial<Voice>,
) => calls(toRemote({ kind: 'message', content, ...more }, voice(by)))
/** Texts of calls, whatever they are about. */
export const texts = (all: TelegramCall[]) =>
  all.map((call) =>
    call.kind === 'text' || call.kind === 'edit'
      ? call.text.text
      : call.kind === 'upload'
        ? call.caption.text
        : call.kind,
  )
