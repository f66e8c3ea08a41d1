import type { Account } from '../account.ts'
import type { Post } from '../post.ts'

/** Those who have a message, or could look at it. */
export function holdersOf(post: Post): Account[] {
  if (post.room.kind === 'channel') return [...post.room.members.keys()]
  return [...post.copies]
    .filter(([account, id]) => account.copies.get(id) === post)
    .map(([account]) => account)
}
