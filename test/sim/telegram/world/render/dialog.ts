import type { TlObject } from '../../contract.ts'
import { unreadIn } from '../acts/read.ts'
import type { Dialog } from '../dialog.ts'
import type { Room } from '../room.ts'
import { topOf } from '../room.ts'
import type { View } from '../view.ts'
import { messageTl } from './message.ts'
import { peerOf } from './peer.ts'

export const notifyTl = ({ showPreviews, silent, muteUntil }: Dialog): TlObject => ({
  _: 'peerNotifySettings',
  show_previews: showPreviews,
  silent,
  mute_until: muteUntil,
})

export function dialogTl(view: View, room: Room): TlObject {
  const { me } = view
  const dialog = me.dialog(room)
  const unread = unreadIn(room, me)
  return {
    _: 'dialog',
    pinned: dialog.pinned !== undefined,
    unread_mark: dialog.unreadMark,
    peer: peerOf(room, me),
    top_message: topOf(room, me)?.idFor(me) ?? 0,
    read_inbox_max_id: dialog.readInbox,
    read_outbox_max_id: dialog.readOutbox,
    unread_count: unread.length,
    unread_mentions_count: unread.filter((post) => messageTl(view, post)['mentioned'] === true).length,
    unread_reactions_count: 0,
    unread_poll_votes_count: 0,
    notify_settings: notifyTl(dialog),
    pts: room.kind === 'channel' ? room.box.pts : undefined,
    folder_id: dialog.folder === 0 ? undefined : dialog.folder,
    ttl_period: room.ttl === 0 ? undefined : room.ttl,
  }
}
