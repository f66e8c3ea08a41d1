import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import { peerUser } from '../render/peer.ts'
import { statusTl } from '../render/user.ts'
import { audience } from '../room.ts'
import type { Room } from '../room.ts'
import type { Turn } from '../turn.ts'

export const TYPING: TlObject = { _: 'sendMessageTypingAction' }
export const STOPPED: TlObject = { _: 'sendMessageCancelAction' }

function typingUpdate(room: Room, by: Account, action: TlObject, topic: number | undefined): TlObject {
  switch (room.kind) {
    case 'direct':
      return { _: 'updateUserTyping', user_id: by.id, action }
    case 'group':
      return { _: 'updateChatUserTyping', chat_id: room.id, from_id: peerUser(by), action }
    case 'channel':
      return {
        _: 'updateChannelUserTyping',
        channel_id: room.id,
        top_msg_id: topic,
        from_id: peerUser(by),
        action,
      }
  }
}

/** Sends an update to one account alone, as `updateShort`, which names nobody. */
export function emitShort(turn: Turn, to: Account, update: TlObject): void {
  const date = turn.realm.now()
  turn.emit(
    to,
    () => update,
    () => ({ _: 'updateShort', update, date }),
  )
}

/** Shows that somebody is typing (or recording, or uploading). Nothing of it is kept. */
export function typing(turn: Turn, room: Room, by: Account, action = TYPING, topic?: number): void {
  for (const account of audience(room)) {
    if (account !== by) emitShort(turn, account, typingUpdate(room, by, action, topic))
  }
  turn.tell({ kind: 'typing', room, by, action: action._ })
}

/** Those who see when somebody is online: contacts and partners of private chats. */
const watchersOf = (turn: Turn, of: Account): Account[] =>
  [...turn.realm.users.values()].filter(
    (other) => other !== of && (other.contacts.has(of) || other.dialogs.has(turn.realm.direct(other, of))),
  )

export function setPresence(turn: Turn, account: Account, online: boolean): void {
  account.presence = { online, at: turn.realm.now() }
  for (const watcher of watchersOf(turn, account)) {
    emitShort(turn, watcher, { _: 'updateUserStatus', user_id: account.id, status: statusTl(account) })
  }
  turn.tell({ kind: 'presence', by: account })
}
