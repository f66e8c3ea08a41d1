import { RpcFault } from '../contract.ts'
import type { Account } from './account.ts'
import type { Args } from './args.ts'
import type { Channel } from './channel.ts'
import type { Group } from './group.ts'
import { maySee } from './render/chat.ts'
import { hashFor } from './render/peer.ts'
import { postIn } from './room.ts'
import type { Room } from './room.ts'
import type { View } from './view.ts'

function byHash(view: View, input: Args): Account {
  const account = view.realm.users.get(input.long('user_id'))
  if (account === undefined) throw new RpcFault(400, 'PEER_ID_INVALID')
  const right = account === view.me || input.long('access_hash') === hashFor(view, account)
  if (!right) throw new RpcFault(400, 'PEER_ID_INVALID')
  return account
}

/** Somebody seen in a message, for those who have no more of them than that. */
function byMessage(view: View, input: Args): Account {
  const post = postIn(roomOf(view, input.obj('peer')), view.me, input.int('msg_id'))
  const account = view.realm.users.get(input.long('user_id'))
  const named = post?.entities.some((entity) => entity['user_id'] === account?.id) ?? false
  if (account === undefined || post === undefined) throw new RpcFault(400, 'PEER_ID_INVALID')
  if (post.author !== account && post.forward?.from !== account && !named) {
    throw new RpcFault(400, 'PEER_ID_INVALID')
  }
  return account
}

/** Who is meant by an `InputUser`, `InputPeer` or the user id of an older request. */
export function userOf(view: View, input: Args): Account {
  switch (input.name) {
    case 'inputUserSelf':
    case 'inputPeerSelf':
      return view.me
    case 'inputUser':
    case 'inputPeerUser':
      return byHash(view, input)
    case 'inputUserFromMessage':
    case 'inputPeerUserFromMessage':
      return byMessage(view, input)
    default:
      throw new RpcFault(400, 'USER_ID_INVALID')
  }
}

/** @throws RpcFault CHANNEL_INVALID for a wrong access hash, CHANNEL_PRIVATE for those who may not see it */
export function channelOf(view: View, input: Args): Channel {
  const channel = input.has('channel_id') ? view.realm.channels.get(input.long('channel_id')) : undefined
  if (channel === undefined) throw new RpcFault(400, 'CHANNEL_INVALID')
  if (!input.name.endsWith('FromMessage') && input.long('access_hash') !== hashFor(view, channel)) {
    throw new RpcFault(400, 'CHANNEL_INVALID')
  }
  if (!maySee(channel, view)) throw new RpcFault(400, 'CHANNEL_PRIVATE')
  return channel
}

export function groupOf(view: View, id: bigint): Group {
  const group = view.realm.groups.get(id)
  const known = group !== undefined && (group.members.has(view.me) || view.me.dialogs.has(group))
  if (!known) throw new RpcFault(400, 'CHAT_ID_INVALID')
  return group
}

/** The chat that an `InputPeer` names. */
export function roomOf(view: View, input: Args): Room {
  switch (input.name) {
    case 'inputPeerChat': {
      const group = view.realm.groups.get(input.long('chat_id'))
      if (group === undefined || !view.me.dialogs.has(group)) throw new RpcFault(400, 'PEER_ID_INVALID')
      return group
    }
    case 'inputPeerChannel':
    case 'inputPeerChannelFromMessage':
    case 'inputChannel':
    case 'inputChannelFromMessage':
      return channelOf(view, input)
    case 'inputPeerEmpty':
      throw new RpcFault(400, 'PEER_ID_INVALID')
    default:
      return view.realm.direct(view.me, userOf(view, input))
  }
}

/** The chat of a request that names it as `peer`, or as `channel` in older layers. */
export const roomIn = (view: View, args: Args): Room =>
  roomOf(view, args.has('peer') ? args.obj('peer') : args.obj('channel'))
