import type { Account } from './account.ts'
import type { Post } from './post.ts'
import type { Room } from './room.ts'

/** What happened, for whoever shows the world to people. Told after the change. */
export type WorldEvent =
  | { kind: 'posted'; post: Post }
  | { kind: 'edited'; post: Post }
  | { kind: 'removed'; room: Room; posts: readonly Post[] }
  | { kind: 'reacted'; post: Post; by: Account }
  | { kind: 'voted'; post: Post; by: Account }
  | { kind: 'read'; room: Room; by: Account }
  | { kind: 'typing'; room: Room; by: Account; action: string }
  | { kind: 'presence'; by: Account }
  /** Title, picture, members, topics or pins changed. */
  | { kind: 'room'; room: Room }

export type Listener = (event: WorldEvent) => void
