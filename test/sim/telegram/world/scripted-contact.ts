import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'
import type { People, Saying } from './people.ts'
import type { Post } from './post.ts'
import type { Chat } from './stage.ts'

export type Pace = {
  /** Before the chat is read, in ms. */
  thinkMs?: number
  /** How long the contact types, in ms. */
  typeMs?: number
}

export type Answer = (post: Post, contact: ScriptedContact) => Promise<void> | void

/** Somebody without a client who behaves as if there were one: reads, thinks, types, answers. */
export class ScriptedContact {
  readonly account: Account
  private readonly tg: People
  private readonly pace: Required<Pace>
  private readonly stopped = new AbortController()
  private readonly undo: (() => void)[] = []

  constructor(tg: People, account: Account, { thinkMs = 600, typeMs = 1_200 }: Pace = {}) {
    this.tg = tg
    this.account = account
    this.pace = { thinkMs, typeMs }
  }

  /** Calls back for each message of others that reaches the contact. Errors are of the script's making: they are thrown. */
  on(answer: Answer): void {
    const { account } = this
    this.undo.push(
      this.tg.onEvent((event) => {
        if (event.kind !== 'posted' || event.post.author === account || event.post.idFor(account) === 0)
          return
        if (event.post.room.kind === 'channel' && !event.post.room.members.has(account)) return
        void answer(event.post, this)
      }),
    )
  }

  /** Reads the chat, types for a while and says it. @returns undefined when stopped meanwhile */
  async say(chat: Chat, what: Saying | string): Promise<Post | undefined> {
    const { tg, account } = this
    if (!(await this.pause(this.pace.thinkMs))) return undefined
    tg.online(account)
    tg.read(account, chat)
    tg.typing(account, chat)
    if (!(await this.pause(this.pace.typeMs))) return undefined
    return tg.say(account, chat, what)
  }

  async react(post: Post, emoji: string): Promise<void> {
    if (await this.pause(this.pace.thinkMs)) this.tg.react(this.account, post, emoji)
  }

  /** @param answers their places */
  async vote(post: Post, ...answers: number[]): Promise<void> {
    if (await this.pause(this.pace.thinkMs)) this.tg.vote(this.account, post, ...answers)
  }

  stop(): void {
    this.stopped.abort()
    for (const undo of this.undo.splice(0)) undo()
  }

  private pause(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: this.stopped.signal }).catch(() => false)
  }
}
