import type { Account } from './account.ts'

/** The topic that every forum has and whose messages name no topic. */
export const GENERAL = 1

export type Topic = {
  /** The number of the message that made it. */
  readonly id: number
  readonly by: Account
  readonly date: number
  title: string
  color: number
  emoji: bigint | undefined
  closed: boolean
  hidden: boolean
  pinned: boolean
}
