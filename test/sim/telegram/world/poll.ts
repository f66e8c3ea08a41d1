import type { TlObject } from '../contract.ts'
import type { Account } from './account.ts'
import type { Post } from './post.ts'

export type PollAnswer = { readonly text: TlObject; readonly option: Uint8Array; readonly addedBy?: Account }

export type PollFields = {
  question: TlObject
  answers: PollAnswer[]
  publicVoters: boolean
  multipleChoice: boolean
  quiz: boolean
  openAnswers: boolean
  revotingDisabled: boolean
  hideResults: boolean
  closePeriod: number | undefined
  closeDate: number | undefined
  /** Of a quiz, as option keys. */
  correct: ReadonlySet<string>
  solution: { text: string; entities: readonly TlObject[] } | undefined
}

export type Vote = { readonly options: readonly string[]; readonly date: number }

/** Bytes of an option as a key of maps. */
export const optionKey = (option: Uint8Array): string => Buffer.from(option).toString('hex')

/** One poll; its messages (forwards share it) are found by its id. */
export class Poll {
  readonly id: bigint
  readonly creator: Account
  readonly date: number
  readonly votes = new Map<Account, Vote>()
  /** The messages that show it. */
  readonly posts = new Set<Post>()
  readonly fields: PollFields
  private closed = false

  /** Whether everyone was told that it has ended. */
  get isAnnounced(): boolean {
    return this.closed
  }

  constructor(id: bigint, creator: Account, date: number, fields: PollFields) {
    this.id = id
    this.creator = creator
    this.date = date
    this.fields = fields
  }

  close(): void {
    this.closed = true
  }

  /** Where a poll ends by itself, it has ended once its time has come. @param now Unix seconds */
  isClosed(now: number): boolean {
    const { closePeriod, closeDate } = this.fields
    const ends = closeDate ?? (closePeriod === undefined ? undefined : this.date + closePeriod)
    return this.closed || (ends !== undefined && now >= ends)
  }

  /** Changes whenever the question or an answer does. */
  get hash(): bigint {
    return BigInt(this.fields.answers.length)
  }

  answer(key: string): PollAnswer | undefined {
    return this.fields.answers.find(({ option }) => optionKey(option) === key)
  }

  votersOf(key: string): Account[] {
    return [...this.votes].filter(([, vote]) => vote.options.includes(key)).map(([account]) => account)
  }
}
