import { sleep } from '../../model/clock.ts'
import { remoteMessageId } from '../../model/ids.ts'
import type { SendRequest } from '../../model/network.ts'
import { delivered, retry, unknown } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import { after, canAsk } from './chat-history.ts'
import type { Batch } from './batch.ts'
import { stripFormat } from './format-codes.ts'
import { readSaid, timeOf } from './from-remote.ts'
import type { Said } from './from-remote.ts'
import type { Hub } from './hub.ts'
import type { Live } from './live.ts'
import { idsOf, readProgress, seenAs } from './progress.ts'
import type { Progress, ProgressPart } from './progress.ts'
import type { Session } from './session.ts'
import type { IrcMessage } from './wire.ts'

const OVERLAP_MS = 10_000
/** How long a server may take until a line is in its history. */
const LAG_MS = 5_000
/** A line that was written to a link is in the history by then, or never: no server keeps a dead link for longer. */
const SETTLED_MS = 5 * 60_000

type Items = (IrcMessage | Batch)[]

/** Finds out what became of lines that were written before a connection, or the bridge, was lost. */
export class Resolver {
  readonly #hub: Hub

  constructor(hub: Hub) {
    this.#hub = hub
  }

  async resolve(request: SendRequest): Promise<SendOutcome> {
    const progress = readProgress(request.progress)
    if (progress === undefined) return retry('Nothing was begun.')
    const session = this.#hub.session(request.by.login)
    const before = doubtful(progress)
    for (const part of before) this.#askWitnesses(session, part)
    const unseen = before.filter(({ state, text }) => state !== 'written' && text !== undefined)
    this.#hub.observer.resolved('witness', unseen.length)
    if (doubtful(progress).length > 0) {
      const live = session?.live
      if (session === undefined || live === undefined) {
        return retry('IRC is not connected, so it cannot be told yet whether the message was sent.', {
          waitsFor: 'login',
        })
      }
      const asked = doubtful(progress).length
      const wait = await this.#askHistory(request, session, live, progress)
      this.#hub.observer.resolved('history', asked - doubtful(progress).length)
      if (wait !== undefined) return wait
    }
    return this.#conclude(request, progress)
  }

  async #conclude(request: SendRequest, progress: Progress): Promise<SendOutcome> {
    const open = doubtful(progress)
    if (open.length > 0) {
      if (this.#hub.config.onUnknown === 'report' || progress.resent === true) {
        this.#hub.observer.resolved('reported', open.length)
        return unknown('The connection was lost, and nobody can tell whether IRC took the message.')
      }
      progress.resent = true
      this.#hub.observer.resolved('resent', open.length)
      this.#hub.observer.possibleDuplicate()
      for (const part of open) part.state = 'waiting'
    }
    if (progress.parts.every((part) => part.state === 'accepted')) {
      return delivered(
        idsOf(progress),
        progress.resent === true ? 'It may have been sent twice.' : progress.note,
      )
    }
    await request.save(progress)
    return retry('What was begun is cleared up.')
  }

  #askWitnesses(session: Session | undefined, part: ProgressPart): void {
    // A repeated redaction or reaction changes nothing.
    if (part.text === undefined) {
      part.state = 'waiting'
      return
    }
    const { nick, at, text, target } = part
    const channel = this.#hub.channel(target)
    if (session === undefined || channel === undefined || nick === undefined || at === undefined) return
    const { seen, msgid } = channel.witnesses.ask(
      session,
      this.#hub.fold(nick),
      stripFormat(text),
      new Date(at),
    )
    if (seen === 'no') part.state = 'waiting'
    if (seen !== 'yes') return
    part.state = 'accepted'
    if (msgid !== undefined) part.id = remoteMessageId(msgid)
  }

  /** @returns an outcome when it has to be asked again later */
  async #askHistory(
    request: SendRequest,
    session: Session,
    live: Live,
    progress: Progress,
  ): Promise<SendOutcome | undefined> {
    const [first] = doubtful(progress)
    if (first?.at === undefined) return undefined
    const since = new Date(Date.parse(first.at) + live.link.aheadMs - OVERLAP_MS)
    if (request.chat.chat.type !== 'dm' && !session.isIn(first.target)) {
      const entered = await session.enter({ name: first.target })
      if (!entered.ok && entered.retryable) return retry(entered.why, { waitsFor: 'login' })
      if (!entered.ok) return undefined
    }
    if (!canAsk(live)) {
      await this.#askPlayback(request, session, live, progress)
      return undefined
    }
    const lastAt = Math.max(...doubtful(progress).map((part) => Date.parse(part.at ?? first.at ?? '')))
    const settledAt = lastAt + live.link.aheadMs + SETTLED_MS
    const enough = async (page: Items) => {
      await this.#match(request, session, live, progress, page)
      const seenUpTo = Date.parse(page.at(-1)?.tags['time'] ?? '')
      return doubtful(progress).length === 0 || seenUpTo > settledAt
    }
    for (const last of [false, true]) {
      const found = await after(live, first.target, since, enough)
      if (!live.ready) return retry('The connection was lost again.', { waitsFor: 'login' })
      if (found === undefined) return undefined
      if (doubtful(progress).length === 0 || !found.complete) return undefined
      // The server shows all that came after, and it is not there.
      if (last) for (const part of doubtful(progress)) part.state = 'waiting'
      else await sleep(this.#hub.host.clock, LAG_MS, request.signal)
      if (request.signal.aborted) return retry('The bridge is stopping.', { waitsFor: 'login' })
    }
    return undefined
  }

  /** What the server played back by itself when the channel was entered. */
  async #askPlayback(request: SendRequest, session: Session, live: Live, progress: Progress): Promise<void> {
    const [first] = doubtful(progress)
    const played = first && this.#hub.channel(first.target)?.playedBack.flatMap((batch) => batch.items)
    if (first?.at === undefined || played === undefined || played.length === 0) return
    const [oldest] = played
    const begin = timeOf(oldest?.tags ?? {}, this.#hub.now, true)
    await this.#match(request, session, live, progress, played)
    if (begin.getTime() > Date.parse(first.at) + live.link.aheadMs) return
    for (const part of doubtful(progress)) part.state = 'waiting'
  }

  /** Brings together our own lines in a history with the parts in doubt, first with first. */
  async #match(
    request: SendRequest,
    session: Session,
    live: Live,
    progress: Progress,
    items: Items,
  ): Promise<void> {
    const own = items
      .flatMap((item) => readSaid(item) ?? [])
      .filter((said) => this.#isOurs(session, live, progress, said))
    const ids = own.flatMap(({ tags }) => (tags['msgid'] ? [remoteMessageId(tags['msgid'])] : []))
    // People say the same twice: what is known to be another message proves nothing about this one.
    const known = await this.#hub.host.known(request.chat.chat, ids)
    const taken = new Set([...idsOf(progress), ...known])
    for (const part of doubtful(progress)) {
      const at = own.findIndex(
        (said) =>
          said.command === seenAs(part) &&
          stripFormat(said.text) === stripFormat(part.text ?? '') &&
          timeOf(said.tags, this.#hub.now, true).getTime() >=
            Date.parse(part.at ?? '') + live.link.aheadMs - OVERLAP_MS &&
          !taken.has(session.messageId(live, said.tags['msgid'])),
      )
      const said = own[at]
      if (said === undefined) continue
      own.splice(at, 1)
      part.state = 'accepted'
      part.id = session.messageId(live, said.tags['msgid'])
    }
  }

  #isOurs(session: Session, live: Live, progress: Progress, said: Said): boolean {
    const nicks = [live.link.nick, ...progress.parts.flatMap((part) => part.nick ?? [])]
    if (nicks.some((nick) => this.#hub.fold(nick) === this.#hub.fold(said.source.nick))) return true
    const { account } = session.live?.link ?? {}
    return account !== undefined && said.tags['account'] === account
  }
}

const doubtful = (progress: Progress) => progress.parts.filter((part) => part.state === 'written')
