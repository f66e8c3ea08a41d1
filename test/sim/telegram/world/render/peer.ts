import type { TlObject } from '../../contract.ts'
import { accessHash } from '../ids.ts'
import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import type { Room } from '../room.ts'
import type { View } from '../view.ts'

export const peerUser = (account: Account): TlObject => ({ _: 'peerUser', user_id: account.id })

export const peerChannel = (channel: Channel): TlObject => ({ _: 'peerChannel', channel_id: channel.id })

/** A room as `me` addresses it. */
export function peerOf(room: Room, me: Account): TlObject {
  switch (room.kind) {
    case 'direct':
      return peerUser(room.other(me))
    case 'group':
      return { _: 'peerChat', chat_id: room.id }
    case 'channel':
      return peerChannel(room)
  }
}

/** The access hash of a user or channel for this viewer. */
export const hashFor = ({ realm, me, login }: View, of: Account | Channel): bigint =>
  accessHash(me.id, realm.switches.hashPerLogin ? login : '', of.kind, of.id)
