import type { Message } from './message.ts'
import type { Outgoing } from './outgoing.ts'

/** What a target's history holds: messages, and lines for `draft/event-playback`. */
export type Entry =
  { msgid: string; at: Date; message: Message } | { msgid: string; at: Date; event: Outgoing }

/** A place in a history: strictly before or after it is what a query asks for. */
export type Place = { at: Date; index?: number }

type Log = { name: string; names: string[]; entries: Entry[] }

/** What was said, by channel and by pair of nicks, oldest first. Outlives a restart of the server. */
export class History {
  private readonly fold: (name: string) => string
  private readonly logs = new Map<string, Log>()
  private readonly messages = new Map<string, Message>()

  constructor(fold: (name: string) => string) {
    this.fold = fold
  }

  addMessage(message: Message): void {
    const names = message.toChannel ? [message.target] : [message.nick, message.target]
    this.log(names).entries.push({ msgid: message.msgid, at: message.at, message })
    this.messages.set(message.msgid, message)
  }

  addEvent(channel: string, event: Outgoing & { msgid: string }): void {
    this.log([channel]).entries.push({ msgid: event.msgid, at: event.at ?? new Date(0), event })
  }

  /** A channel's entries by its name, a conversation's by both nicks. */
  entries(...names: string[]): readonly Entry[] {
    return this.logs.get(this.key(names))?.entries ?? []
  }

  message(msgid: string): Message | undefined {
    return this.messages.get(msgid)
  }

  remove(msgid: string): void {
    const message = this.messages.get(msgid)
    if (message === undefined) return
    this.messages.delete(msgid)
    const log = this.log(message.toChannel ? [message.target] : [message.nick, message.target])
    log.entries = log.entries.filter((entry) => entry.msgid !== msgid)
  }

  /** Conversations a nick had, by the other nick. */
  conversations(nick: string): { nick: string; entries: readonly Entry[] }[] {
    const me = this.fold(nick)
    return [...this.logs.values()].flatMap(({ names, entries }) => {
      const [a, b] = names
      if (a === undefined || b === undefined) return []
      if (this.fold(a) === me) return [{ nick: b, entries }]
      return this.fold(b) === me ? [{ nick: a, entries }] : []
    })
  }

  private key(names: readonly string[]): string {
    return names
      .map((name) => this.fold(name))
      .sort()
      .join(' ')
  }

  private log(names: string[]): Log {
    const key = this.key(names)
    const log = this.logs.get(key) ?? { name: key, names, entries: [] }
    this.logs.set(key, log)
    return log
  }
}
