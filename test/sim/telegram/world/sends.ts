import type { Account } from './account.ts'
import type { Post } from './post.ts'
import type { Room } from './room.ts'

type Sent = { readonly posts: readonly Post[]; repeats: number }

/**
 * Which message each random_id made. The real service keeps them without expiry, by account and chat, over all methods
 * and logins (core.telegram.org/api/updates, "random_id").
 */
export class Sends {
  private readonly made = new Map<Account, Map<Room, Map<bigint, Sent>>>()

  private of(account: Account, room: Room): Map<bigint, Sent> {
    const rooms = this.made.get(account) ?? new Map<Room, Map<bigint, Sent>>()
    this.made.set(account, rooms)
    const sent = rooms.get(room) ?? new Map<bigint, Sent>()
    rooms.set(room, sent)
    return sent
  }

  find(account: Account, room: Room, randomId: bigint): Sent | undefined {
    return this.of(account, room).get(randomId)
  }

  remember(account: Account, room: Room, randomId: bigint, post: Post): void {
    this.of(account, room).set(randomId, { posts: [post], repeats: 0 })
  }
}
