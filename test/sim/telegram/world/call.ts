import { RpcFault } from '../contract.ts'
import type { Authorization, TlValue } from '../contract.ts'
import type { Account } from './account.ts'
import type { Args } from './args.ts'
import { postIn } from './room.ts'
import type { Post } from './post.ts'
import type { Realm } from './realm.ts'
import type { Room } from './room.ts'
import type { Turn } from './turn.ts'
import type { View } from './view.ts'

/** One request. */
export type Call = {
  readonly realm: Realm
  readonly who: Authorization
  readonly me: Account
  readonly view: View
  readonly turn: Turn
  readonly args: Args
}

export type Method = (call: Call) => TlValue
export type Methods = Readonly<Record<string, Method>>

/** @throws RpcFault MESSAGE_ID_INVALID */
export function needPost(room: Room, me: Account, id: number): Post {
  const post = postIn(room, me, id)
  if (post === undefined) throw new RpcFault(400, 'MESSAGE_ID_INVALID')
  return post
}
