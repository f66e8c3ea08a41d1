import type { tl } from '@mtcute/core'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { derivedId, messageIdIn, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { chatOfPeer } from './peer.ts'
import { isForum } from './view.ts'
import type { View } from './view.ts'

/** Where messages are, by number: the common box says no conversation, a forum no topic. */
export type Places = ReadonlyMap<number, TgChat>

/** Messages that were deleted. Who did it is not told; those of which nothing is known were never in the bridge. */
export function fromDeletion(
  update: tl.RawUpdateDeleteMessages | tl.RawUpdateDeleteChannelMessages,
  view: View,
  places: Places,
  now: Date,
): RemoteEvent[] {
  const channel: TgChat | undefined =
    update._ === 'updateDeleteChannelMessages' ? { kind: 'channel', id: update.channelId } : undefined
  return update.messages.flatMap((n): RemoteEvent[] => {
    const chat = placeOf(n, channel, view, places)
    if (chat === undefined) return []
    const target = messageIdIn(chat, view.account, n)
    return [
      { chat: remoteChat(view, chat), id: derivedId(target, 'deleted'), at: now, kind: 'redaction', target },
    ]
  })
}

/** Messages that were pinned or unpinned, those of each topic together. */
export function fromPins(
  update: tl.RawUpdatePinnedMessages | tl.RawUpdatePinnedChannelMessages,
  view: View,
  places: Places,
  now: Date,
): RemoteEvent[] {
  const whole: TgChat =
    update._ === 'updatePinnedMessages' ? chatOfPeer(update.peer) : { kind: 'channel', id: update.channelId }
  const box = whole.kind === 'channel' ? '' : `${view.account}.`
  const byChat = new Map<string, { chat: TgChat; numbers: number[] }>()
  for (const n of update.messages) {
    const chat = placeOf(n, whole, view, places)
    if (chat === undefined) continue
    const group = byChat.get(toChatId(chat)) ?? { chat, numbers: [] }
    group.numbers.push(n)
    byChat.set(toChatId(chat), group)
  }
  return [...byChat.values()].map(({ chat, numbers }) => ({
    chat: remoteChat(view, chat),
    id: remoteMessageId(`pin.${box}${update.pts}`),
    at: now,
    kind: 'pin',
    targets: numbers.map((n) => messageIdIn(chat, view.account, n)),
    pinned: update.pinned === true,
  }))
}

function placeOf(n: number, whole: TgChat | undefined, view: View, places: Places): TgChat | undefined {
  const known = places.get(n)
  if (known !== undefined) return known
  return whole?.kind === 'channel' && isForum(view, whole.id) ? undefined : whole
}
