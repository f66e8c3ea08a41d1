import { RpcFault } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Rendered } from '../box.ts'
import { can } from '../may.ts'
import type { Media } from '../media.ts'
import type { Post } from '../post.ts'
import type { Realm } from '../realm.ts'
import { messageTl } from '../render/message.ts'
import type { Turn } from '../turn.ts'
import { holdersOf } from './holders.ts'

export type Change = {
  text?: string
  entities?: readonly TlObject[]
  media?: Media | undefined
}

/** @throws RpcFault when the account may not edit the message (any more) */
export function checkEdit(realm: Realm, post: Post, by: Account): void {
  const { room } = post
  if (post.action !== undefined) throw new RpcFault(400, 'MESSAGE_ID_INVALID')
  const asAdmin = room.kind === 'channel' && room.broadcast && can(room, by, 'edit_messages')
  if (post.author !== by && !asAdmin) throw new RpcFault(403, 'MESSAGE_AUTHOR_REQUIRED')
  const unlimited = asAdmin || (room.kind === 'direct' && room.saved)
  if (!unlimited && realm.now() - post.date > realm.switches.editTimeLimit) {
    throw new RpcFault(400, 'MESSAGE_EDIT_TIME_EXPIRED')
  }
}

/** Tells everyone that a message looks different. @param hide nobody edited it */
export function emitEdit(turn: Turn, post: Post, hide = false): void {
  const render =
    (_: string): Rendered =>
    (view, pts, pts_count) =>
      post.removed ? undefined : { _, message: messageTl(view, post, hide), pts, pts_count }
  if (post.room.kind === 'channel') {
    turn.inChannel(post.room, 1, render('updateEditChannelMessage'))
  } else {
    for (const account of holdersOf(post)) turn.boxed(account, 1, render('updateEditMessage'))
  }
}

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))

/** @throws RpcFault, also MESSAGE_NOT_MODIFIED */
export function edit(turn: Turn, post: Post, by: Account, change: Change): void {
  checkEdit(turn.realm, post, by)
  const text = change.text ?? post.text
  const entities = change.entities ?? (change.text === undefined ? post.entities : [])
  const media = 'media' in change ? change.media : post.media
  if (text === '' && media === undefined) throw new RpcFault(400, 'MESSAGE_EMPTY')
  const same = text === post.text && asText(entities) === asText(post.entities) && media === post.media
  if (same) throw new RpcFault(400, 'MESSAGE_NOT_MODIFIED')
  post.text = text
  post.entities = entities
  post.media = media
  post.editDate = turn.realm.now()
  emitEdit(turn, post)
  turn.tell({ kind: 'edited', post })
}
