import type { Live } from './live.ts'
import type { IrcMessage } from './wire.ts'

export type Wanted = { name: string; key?: string }
export type JoinOutcome =
  { ok: true } | { ok: false; code: string; why: string; /** Another try may do. */ retryable: boolean }

const CHANNELS_PER_LINE = 10
const BYTES_PER_LINE = 400

const WORDS: Readonly<Record<string, string>> = {
  '403': 'There is no such channel.',
  '405': 'The server does not let this nick into more channels.',
  '437': 'The channel cannot be entered at the moment.',
  '470': 'The server sends whoever enters to another channel.',
  '471': 'The channel is full.',
  '473': 'Only who is invited can enter this channel.',
  '474': 'This nick is banned from the channel.',
  '475': 'The channel needs a key, or another one.',
  '476': 'That is not a name of a channel.',
  '477': 'Only nicks that are registered and logged in can enter this channel.',
  '480': 'The channel cannot be entered.',
  '489': 'Only connections by TLS can enter this channel.',
  '520': 'Only operators of the server can enter this channel.',
}

/** Enters channels on one connection, several at a time, and tells what came of each. */
export class Joins {
  readonly #live: Live
  readonly #isIn: (channel: string) => boolean
  readonly #underWay = new Map<string, Promise<JoinOutcome>>()
  readonly #refused = new Map<string, JoinOutcome>()

  constructor(live: Live, isIn: (channel: string) => boolean) {
    this.#live = live
    this.#isIn = isIn
  }

  /** Takes an answer to a JOIN. @returns whether it was one */
  onItem(m: IrcMessage): boolean {
    const words = WORDS[m.command]
    const folded = this.#live.link.fold(m.params[1] ?? '')
    if (words === undefined || !this.#underWay.has(folded)) return false
    const said = m.params.at(-1) ?? ''
    const retryable = m.command === '437'
    this.#refused.set(folded, { ok: false, code: m.command, why: `${words} (${said})`, retryable })
    return true
  }

  join(channel: Wanted): Promise<JoinOutcome> {
    const [[, outcome] = ['', undefined]] = this.joinAll([channel])
    return outcome ?? Promise.resolve({ ok: true })
  }

  /** Enters those that we are not in; each outcome comes by itself. */
  joinAll(channels: Wanted[]): Map<string, Promise<JoinOutcome>> {
    const fold = (name: string) => this.#live.link.fold(name)
    const fresh = channels.filter(({ name }) => !this.#underWay.has(fold(name)) && !this.#isIn(name))
    for (const line of toLines(fresh)) {
      const done = this.#send(line)
      for (const { name } of line) {
        const outcome = done.then((answered) => this.#outcome(fold(name), name, answered))
        this.#underWay.set(fold(name), outcome)
      }
    }
    return new Map(
      channels.flatMap(({ name }) => {
        const outcome = this.#underWay.get(fold(name))
        return outcome === undefined ? [] : [[name, outcome] as const]
      }),
    )
  }

  async #send(channels: Wanted[]): Promise<boolean> {
    const names = channels.map(({ name }) => name).join(',')
    const keys = channels.flatMap(({ key }) => key ?? []).join(',')
    const line = { command: 'JOIN', params: keys === '' ? [names] : [names, keys] }
    // Whatever the server says about a JOIN, names of members included, it says before it answers the fence.
    return (await this.#live.outbox.send([line], 'control')) && (await this.#live.fence())
  }

  #outcome(folded: string, name: string, answered: boolean): JoinOutcome {
    const refused = this.#refused.get(folded)
    this.#refused.delete(folded)
    this.#underWay.delete(folded)
    if (this.#isIn(name)) return { ok: true }
    if (!answered)
      return { ok: false, code: 'network_down', why: 'The connection to IRC ended.', retryable: true }
    return (
      refused ?? { ok: false, code: 'network_refused', why: 'The server did not answer.', retryable: true }
    )
  }
}

/** Channels with keys come first, because keys are assigned by place. */
function toLines(channels: Wanted[]): Wanted[][] {
  const lines: Wanted[][] = []
  let bytes = 0
  for (const channel of channels.toSorted(
    (a, b) => Number(b.key !== undefined) - Number(a.key !== undefined),
  )) {
    const more = Buffer.byteLength(channel.name + (channel.key ?? '')) + 2
    const line = lines.at(-1)
    if (line === undefined || line.length >= CHANNELS_PER_LINE || bytes + more > BYTES_PER_LINE) {
      lines.push([channel])
      bytes = more
    } else {
      line.push(channel)
      bytes += more
    }
  }
  return lines
}
