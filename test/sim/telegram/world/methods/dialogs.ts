import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { roomOf } from '../peers.ts'
import { dialogTl } from '../render/dialog.ts'
import { gather } from '../render/gather.ts'
import { messageTl } from '../render/message.ts'
import { peerOf } from '../render/peer.ts'
import { topOf } from '../room.ts'
import type { Room } from '../room.ts'
import { stateTl } from './updates.ts'

/** Chats in the account's list: those with messages, and channels it is in. */
export const listed = (me: Account): Room[] =>
  [...me.dialogs.keys()].filter((room) =>
    room.kind === 'channel' ? room.members.has(me) : topOf(room, me) !== undefined,
  )

const dateOf = (room: Room, me: Account): number => topOf(room, me)?.date ?? 0

/** The newest first, in the order of the messages when they have one date. */
const byDate = (me: Account) => (a: Room, b: Room) =>
  dateOf(b, me) - dateOf(a, me) || (topOf(b, me)?.globalId ?? 0) - (topOf(a, me)?.globalId ?? 0)

const byPlace = (me: Account) => (a: Room, b: Room) => (me.dialog(a).pinned ?? 0) - (me.dialog(b).pinned ?? 0)

function parts(call: Call, rooms: readonly Room[]): Record<string, TlValue> {
  const { view, me } = call
  const dialogs = rooms.map((room) => dialogTl(view, room))
  const messages = rooms.flatMap((room) => topOf(room, me) ?? []).map((post) => messageTl(view, post))
  return { dialogs, messages, ...gather(view, [dialogs, messages]) }
}

function getDialogs(call: Call): TlValue {
  const { args, me, view } = call
  const folder = args.optInt('folder_id')
  const all = listed(me).filter((room) => folder === undefined || me.dialog(room).folder === folder)
  const pinned = all.filter((room) => me.dialog(room).pinned !== undefined).toSorted(byPlace(me))
  const others = all.filter((room) => me.dialog(room).pinned === undefined).toSorted(byDate(me))
  const offsetDate = args.int('offset_date')
  const offsetPeer = args.obj('offset_peer')
  const offsetRoom = offsetPeer.name === 'inputPeerEmpty' ? undefined : roomOf(view, offsetPeer)
  const isFirst = offsetDate === 0 && offsetRoom === undefined
  const at = offsetRoom === undefined ? -1 : others.indexOf(offsetRoom)
  const after =
    at >= 0
      ? others.slice(at + 1)
      : others.filter((room) => offsetDate === 0 || dateOf(room, me) < offsetDate)
  const first = isFirst && !args.flag('exclude_pinned') ? pinned : []
  const wanted = [...first, ...after]
  const page = wanted.slice(0, Math.min(Math.max(args.int('limit'), 1), 100))
  const total = all.length
  return isFirst && page.length === wanted.length
    ? { _: 'messages.dialogs', ...parts(call, page) }
    : { _: 'messages.dialogsSlice', count: total, ...parts(call, page) }
}

function peerDialogs(call: Call, rooms: readonly Room[]): TlValue {
  return { _: 'messages.peerDialogs', ...parts(call, rooms), state: stateTl(call) }
}

function roomsIn(call: Call, inputs: readonly Args[]): Room[] {
  return inputs.map((input) => {
    if (input.name !== 'inputDialogPeer') throw new RpcFault(400, 'PEER_ID_INVALID')
    return roomOf(call.view, input.obj('peer'))
  })
}

function roomIn(call: Call): Room {
  const [room] = roomsIn(call, [call.args.obj('peer')])
  if (room === undefined) throw new RpcFault(400, 'PEER_ID_INVALID')
  return room
}

const dialogPeer = (room: Room, me: Account): TlObject => ({ _: 'dialogPeer', peer: peerOf(room, me) })

const pinnedIn = (me: Account, folder: number): Room[] =>
  listed(me)
    .filter((room) => me.dialog(room).folder === folder && me.dialog(room).pinned !== undefined)
    .toSorted(byPlace(me))

function toggleDialogPin(call: Call): TlValue {
  const { args, me, turn } = call
  const room = roomIn(call)
  const dialog = me.dialog(room)
  const pinned = args.flag('pinned')
  const first = me.dialog(pinnedIn(me, dialog.folder)[0] ?? room).pinned ?? 0
  dialog.pinned = pinned ? first - 1 : undefined
  const peer = dialogPeer(room, me)
  const folder_id = dialog.folder === 0 ? undefined : dialog.folder
  turn.emit(me, () => ({ _: 'updateDialogPinned', pinned, folder_id, peer }))
  return true
}

function reorderPinned(call: Call): TlValue {
  const { args, me, turn } = call
  const order = roomsIn(call, args.objs('order'))
  const folder = args.int('folder_id')
  for (const room of pinnedIn(me, folder)) if (args.flag('force')) me.dialog(room).pinned = undefined
  for (const [i, room] of order.entries()) me.dialog(room).pinned = i
  const peers = order.map((room) => dialogPeer(room, me))
  turn.emit(me, () => ({ _: 'updatePinnedDialogs', folder_id: folder, order: peers }))
  return true
}

function markUnread(call: Call): TlValue {
  const { args, me, turn } = call
  const room = roomIn(call)
  const unread = args.flag('unread')
  me.dialog(room).unreadMark = unread
  turn.emit(me, () => ({ _: 'updateDialogUnreadMark', unread, peer: dialogPeer(room, me) }))
  return true
}

function unreadMarks(call: Call): TlValue {
  const { me } = call
  const marked = listed(me).filter((room) => me.dialog(room).unreadMark)
  return marked.map((room) => dialogPeer(room, me))
}

function editPeerFolders(call: Call): TlValue {
  const { args, me, view, turn } = call
  const moved = args.objs('folder_peers').map((input) => {
    const room = roomOf(view, input.obj('peer'))
    const folder = input.int('folder_id')
    if (folder !== 0 && folder !== 1) throw new RpcFault(400, 'FOLDER_ID_INVALID')
    me.dialog(room).folder = folder
    me.dialog(room).pinned = undefined
    return { _: 'folderPeer', peer: peerOf(room, me), folder_id: folder }
  })
  turn.boxed(me, 1, (_, pts, pts_count) => ({ _: 'updateFolderPeers', folder_peers: moved, pts, pts_count }))
  return turn.reply(view)
}

export const dialogMethods: Methods = {
  'messages.getDialogs': getDialogs,
  'messages.getPeerDialogs': (call) => peerDialogs(call, roomsIn(call, call.args.objs('peers'))),
  'messages.getPinnedDialogs': (call) => peerDialogs(call, pinnedIn(call.me, call.args.int('folder_id'))),
  'messages.toggleDialogPin': toggleDialogPin,
  'messages.reorderPinnedDialogs': reorderPinned,
  'messages.markDialogUnread': markUnread,
  'messages.getDialogUnreadMarks': unreadMarks,
  'messages.getDialogFilters': () => ({ _: 'messages.dialogFilters', filters: [] }),
  'messages.saveDraft': () => true,
  'folders.editPeerFolders': editPeerFolders,
}
