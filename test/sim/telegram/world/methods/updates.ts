import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import { unreadIn } from '../acts/read.ts'
import type { BoxEvent } from '../box.ts'
import type { Call, Methods } from '../call.ts'
import { channelOf } from '../peers.ts'
import { dialogTl } from '../render/dialog.ts'
import { gather } from '../render/gather.ts'
import { messageTl } from '../render/message.ts'
import { historyOf } from '../room.ts'

const NEW_MESSAGES = new Set(['updateNewMessage', 'updateNewChannelMessage'])

const joined = ({ me }: Call) =>
  [...me.dialogs.keys()]
    .filter((room) => room.kind === 'channel')
    .filter((channel) => channel.members.has(me))

/** `updates.state`, at the newest event unless another is given. */
export function stateTl({ me, realm }: Call, pts = me.box.pts): TlObject {
  const unread = [...me.dialogs.keys()].filter(
    (room) => room.kind !== 'channel' && unreadIn(room, me).length > 0,
  )
  const qts = me.botUpdates.length
  return { _: 'updates.state', pts, qts, date: realm.now(), seq: 0, unread_count: unread.length }
}

function getState(call: Call): TlValue {
  // Clients ask for it at every connect: what they were sent before may not have arrived.
  call.realm.wentAway(call.who)
  const seen = call.realm.seenBy(call.who)
  for (const channel of joined(call)) seen.of(channel)
  return stateTl(call)
}

/** New messages apart from everything else, each rendered as it is by now. */
function split({ view }: Call, events: readonly BoxEvent[]): { messages: TlValue[]; others: TlObject[] } {
  const messages: TlValue[] = []
  const others: TlObject[] = []
  for (const { render, pts, count } of events) {
    const update = render(view, pts, count)
    if (update === undefined) continue
    if (NEW_MESSAGES.has(update._)) messages.push(update['message'])
    else others.push(update)
  }
  return { messages, others }
}

/** Channels that moved while this login was away. */
function moved(call: Call): TlObject[] {
  if (!call.realm.switches.signalChannels) return []
  return joined(call)
    .filter((channel) => channel.box.pts > call.realm.seenBy(call.who).of(channel))
    .map((channel) => ({ _: 'updateChannelTooLong', channel_id: channel.id, pts: channel.box.pts }))
}

function getDifference(call: Call): TlValue {
  const { args, me, view, realm } = call
  const pts = args.int('pts')
  if (pts <= 0) throw new RpcFault(400, 'PERSISTENT_TIMESTAMP_EMPTY')
  if (pts > me.box.pts) throw new RpcFault(400, 'PERSISTENT_TIMESTAMP_INVALID')
  if (pts < me.box.floor) return { _: 'updates.differenceTooLong', pts: me.box.pts }
  const limit = Math.min(args.optInt('pts_limit') ?? Infinity, realm.switches.differenceSlice)
  const { events, more } = me.box.after(pts, limit)
  const tooLong = more ? [] : moved(call)
  const told = more ? [] : me.botUpdates.slice(args.int('qts'))
  if (events.length + tooLong.length + told.length === 0) {
    return { _: 'updates.differenceEmpty', date: realm.now(), seq: 0 }
  }
  const { messages, others } = split(call, events)
  const updates = [...others, ...told, ...tooLong]
  const body = {
    new_messages: messages,
    new_encrypted_messages: [],
    other_updates: updates,
    ...gather(view, [messages, updates]),
  }
  const reached = stateTl(call, more ? events.at(-1)?.pts : me.box.pts)
  return more
    ? { _: 'updates.differenceSlice', ...body, intermediate_state: reached }
    : { _: 'updates.difference', ...body, state: reached }
}

function getChannelDifference(call: Call): TlValue {
  const { args, me, view, realm, who } = call
  const channel = channelOf(view, args.obj('channel'))
  const pts = args.int('pts')
  const { box } = channel
  const { switches } = realm
  const timeout = switches.channelTimeout
  if (pts <= 0) throw new RpcFault(400, 'PERSISTENT_TIMESTAMP_EMPTY')
  if (pts > box.pts) throw new RpcFault(400, 'PERSISTENT_TIMESTAMP_INVALID')
  const seen = realm.seenBy(who)
  seen.confirm(channel, pts)
  if (pts < box.floor) {
    seen.send(channel, box.pts, realm.now())
    const latest = historyOf(channel, me).slice(-args.int('limit')).toReversed()
    const messages = latest.map((post) => messageTl(view, post))
    const dialog = dialogTl(view, channel)
    const found = gather(view, [messages, dialog])
    return { _: 'updates.channelDifferenceTooLong', final: true, timeout, dialog, messages, ...found }
  }
  const { events, more } = box.after(pts, Math.min(args.int('limit'), switches.channelDifferenceSlice))
  const reached = more ? (events.at(-1)?.pts ?? box.pts) : box.pts
  seen.send(channel, reached, realm.now())
  if (events.length === 0) {
    return { _: 'updates.channelDifferenceEmpty', final: true, pts: box.pts, timeout }
  }
  const { messages, others } = split(call, events)
  return {
    _: 'updates.channelDifference',
    final: !more,
    pts: reached,
    timeout,
    new_messages: messages,
    other_updates: others,
    ...gather(view, [messages, others]),
  }
}

export const updateMethods: Methods = {
  'updates.getState': getState,
  'updates.getDifference': getDifference,
  'updates.getChannelDifference': getChannelDifference,
}
