import type { Clock } from '../../model/clock.ts'
import type { Credentials } from './credentials.ts'
import type { Live } from './live.ts'
import type { IrcMessage } from './wire.ts'

const ASK_EVERY_MS = 60_000

/** Gets the nick back that a user wanted and somebody, or a connection of theirs that has not timed out, has. */
export class NickKeeper {
  readonly #live: Live
  readonly #clock: Clock
  readonly #who: Credentials | undefined
  #wanted: string | undefined
  #cancel: () => void = () => undefined
  #stopped = false
  #watched = false

  constructor(live: Live, clock: Clock, who: Credentials | undefined) {
    this.#live = live
    this.#clock = clock
    this.#who = who
    this.#wanted = who?.nick
    this.#ask()
  }

  /** The user wants this nick now, and will ask for it. */
  want(nick: string): void {
    const before = this.#wanted
    this.#wanted = nick
    if (!this.#watched || before === undefined) return
    this.#watched = false
    this.#live.post({ command: 'MONITOR', params: ['-', before] }, 'control')
  }

  onItem({ command, params }: IrcMessage): void {
    const wanted = this.#wanted
    if (wanted === undefined || this.#stopped) return
    const { link } = this.#live
    switch (command) {
      case '731':
        // `nick` or `nick!user@host`, several apart by commas.
        if (
          (params[1] ?? '')
            .split(',')
            .some((each) => link.fold(each.split('!')[0] ?? '') === link.fold(wanted))
        ) {
          this.#take()
        }
        return
      case '303':
        if (
          !this.#watched &&
          !(params[1] ?? '').split(' ').some((nick) => link.fold(nick) === link.fold(wanted))
        )
          this.#take()
        return
      case 'NICK':
        if (link.isMe(params[0])) this.#ask()
        return
    }
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #missing(): string | undefined {
    const wanted = this.#wanted
    return wanted === undefined || this.#live.link.isMe(wanted) ? undefined : wanted
  }

  #ask(): void {
    this.#cancel()
    const wanted = this.#missing()
    if (wanted === undefined || this.#stopped || !this.#live.ready) return
    const { link } = this.#live
    if (link.isupport.monitor !== undefined) {
      if (!this.#watched) this.#live.post({ command: 'MONITOR', params: ['+', wanted] }, 'control')
      this.#watched = true
    } else {
      this.#live.post({ command: 'ISON', params: [wanted], trailing: true }, 'control')
    }
    if (link.account !== undefined && this.#who?.method !== 'none') {
      this.#live.post({ command: 'PRIVMSG', params: ['NickServ', `REGAIN ${wanted}`] }, 'control')
    }
    this.#cancel = this.#clock.after(ASK_EVERY_MS, () => this.#ask())
  }

  #take(): void {
    const wanted = this.#missing()
    if (wanted !== undefined) this.#live.post({ command: 'NICK', params: [wanted] }, 'control')
  }
}
