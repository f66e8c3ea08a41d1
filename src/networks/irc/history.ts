import { sleep } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { RemoteChat, RemoteSender } from '../../model/remote-event.ts'
import { remoteMessageId } from '../../model/ids.ts'
import type { Batch } from './batch.ts'
import { after, canAsk, pageSize, query, timestamp } from './chat-history.ts'
import { ctcpOf, readSaid, speakerOf, timeOf } from './from-remote.ts'
import type { Said } from './from-remote.ts'
import type { ChatEvent, Hub } from './hub.ts'
import type { Messages } from './incoming-messages.ts'
import type { IrcChannel } from './irc-channel.ts'
import type { Live } from './live.ts'
import { isSelf, isToService, sessionOf, Written } from './own-words.ts'
import type { Session } from './session.ts'
import { isBatch } from './batch.ts'
import type { IrcMessage } from './wire.ts'

/** With the pauses between them more than an hour. */
const ATTEMPTS = 130
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** Lines of one conversation that are kept back in memory; beyond that they stay with the server. */
const MOST_HELD = 1_000
const OVERLAP_MS = 10_000
const FIRST_TIME = 50
const DIRECT_DAYS = 30
const DAY_MS = 86_400_000

type Where = { session: Session; live: Live }
/** `complete` is false where the server gave up before the end. */
type Found = { items: (IrcMessage | Batch)[]; complete?: boolean }

/** Brings in what was said while nobody of us was there, where the network keeps it; says that it is missing where not. */
export class History {
  readonly #hub: Hub
  readonly #messages: Messages

  constructor(hub: Hub, messages: Messages) {
    this.#hub = hub
    this.#messages = messages
  }

  /** The server plays back by itself what was said in a channel before we came in. */
  playback(_session: Session, _live: Live, batch: Batch): void {
    const channel = this.#hub.channel(batch.params[0] ?? '')
    if (channel !== undefined) channel.playedBack.push(batch)
  }

  /** Fills the gap of a channel that a connection has just entered as the first of ours, and lets it go on. */
  async fillChannel(session: Session, live: Live, channel: IrcChannel): Promise<void> {
    if (!channel.filling || channel.feed.leader !== session) return
    const events = await this.#patiently(session, live, channel.chat, () =>
      this.#missing(session, live, channel),
    )
    const next = channel.feed.leader
    if (!channel.filling) return
    if (!live.ready && next !== undefined && next !== session && next.live !== undefined) {
      return this.fillChannel(next, next.live, channel)
    }
    channel.filling = false
    this.#release(channel.chat, events ?? [this.#notice(session, live, channel.darkSince)])
    channel.darkSince = undefined
  }

  /** What a channel told while none of us was in it, or words that it cannot be known. */
  async #missing(session: Session, live: Live, channel: IrcChannel): Promise<ChatEvent[]> {
    const newest = await this.#hub.host.newest(channel.chat)
    const found = await this.#missed(live, channel, newest?.at, channel.playedBack)
    const notice = (found === undefined || found.complete === false) && newest !== undefined
    const events = await this.#events({ session, live }, channel.chat, found?.items ?? [], newest)
    return notice ? [this.#notice(session, live, channel.darkSince ?? newest.at), ...events] : events
  }

  /** Fills the gaps of a login's direct conversations. */
  async fillDirect(session: Session, live: Live): Promise<void> {
    const { loginId, lostAt } = session
    if (loginId === undefined || !canAsk(live)) return
    const now = this.#hub.now
    const from = lostAt ?? new Date(now.getTime() - DIRECT_DAYS * DAY_MS)
    const since = new Date(from.getTime() + live.link.aheadMs - OVERLAP_MS)
    const until = new Date(now.getTime() + DAY_MS)
    const targets = await query(live, ['TARGETS', timestamp(since), timestamp(until), String(pageSize(live))])
    for (const item of targets ?? []) {
      if (isBatch(item) || item.command !== 'CHATHISTORY' || item.params[0] !== 'TARGETS') continue
      const [, nick] = item.params
      if (nick === undefined || live.link.isupport.isChannel(nick) || live.link.isMe(nick)) continue
      await this.#fillOne(session, live, this.#hub.directChat(loginId, nick), nick)
    }
  }

  async #fillOne(session: Session, live: Live, chat: RemoteChat, nick: string): Promise<void> {
    this.#hub.hold(chat)
    const events = await this.#patiently(session, live, chat, async () => {
      const newest = await this.#hub.host.newest(chat)
      const found = await this.#ask(live, nick, newest?.at)
      return this.#events({ session, live }, chat, found?.items ?? [], newest)
    })
    this.#release(chat, events ?? [])
  }

  #release(chat: RemoteChat, events: ChatEvent[]): void {
    this.#hub.observer.backfilled(events.filter((event) => event.backfilled === true).length)
    this.#hub.release(chat, events)
  }

  /** Waits for a ledger that cannot say what is known, as what is found might come twice; undefined when it is given up. */
  async #patiently(
    session: Session,
    live: Live,
    chat: RemoteChat,
    work: () => Promise<ChatEvent[]>,
  ): Promise<ChatEvent[] | undefined> {
    let pauseMs = FIRST_PAUSE_MS
    for (let attempt = 0; attempt < ATTEMPTS && live.ready; attempt++) {
      try {
        return await work()
      } catch (error) {
        this.#hub.log.warn({ error: messageOf(error) }, 'history has to wait')
        const full = this.#hub.heldFor(chat).length > MOST_HELD
        if (full) session.connection.pause()
        await sleep(this.#hub.host.clock, pauseMs)
        if (full) session.connection.resume()
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
      }
    }
    return undefined
  }

  async #missed(
    live: Live,
    channel: IrcChannel,
    newest: Date | undefined,
    played: Batch[],
  ): Promise<Found | undefined> {
    if (canAsk(live)) return this.#ask(live, channel.name, newest)
    return played.length === 0 ? undefined : { items: played.flatMap((batch) => batch.items) }
  }

  async #ask(live: Live, target: string, newest: Date | undefined): Promise<Found | undefined> {
    if (newest !== undefined) {
      const found = await after(live, target, new Date(newest.getTime() - OVERLAP_MS))
      if (found !== undefined) return found
    }
    const latest = await query(live, ['LATEST', target, '*', String(Math.min(FIRST_TIME, pageSize(live)))])
    return latest && { items: latest }
  }

  /** What is not known yet of what was found. Our own lines are what Matrix users wrote, or other clients of theirs. */
  async #events(
    where: Where,
    chat: RemoteChat,
    items: (IrcMessage | Batch)[],
    newest: { at: Date } | undefined,
  ): Promise<ChatEvent[]> {
    const all = items.flatMap((item) => readSaid(item) ?? [])
    const held = new Set(this.#hub.heldFor(chat).map((event) => event.id))
    const ids = all.flatMap(({ tags }) => (tags['msgid'] ? [remoteMessageId(tags['msgid'])] : []))
    // In this order: a delivery that ends meanwhile is in one of the two answers.
    const written = new Written(this.#hub, all.length === 0 ? [] : await this.#hub.host.begun(chat))
    const known = ids.length === 0 ? new Set() : await this.#hub.host.known(chat, ids)
    const isKnown = (said: Said) => known.has(remoteMessageId(said.tags['msgid'] ?? ''))
    const fresh = all.filter((said) => {
      const { msgid } = said.tags
      if (written.take(said) || isKnown(said)) return false
      if (msgid) return !held.has(remoteMessageId(msgid)) && !this.#hub.floods.knows(remoteMessageId(msgid))
      // Without an id a line can only be told from those taken in by its time.
      return newest === undefined || timeOf(said.tags, this.#hub.now, true) > newest.at
    })
    const lastKnown = all.findLastIndex(isKnown)
    return fresh.flatMap((said) => {
      const sender = this.#senderOf(where, said, all.indexOf(said) > lastKnown)
      return (sender && this.#messages.eventOf({ ...where, backfilled: true }, said, sender)) ?? []
    })
  }

  /** Who said a line that is new to us; undefined for one of our own that cannot be told from what the bridge wrote. */
  #senderOf({ live }: Where, said: Said, recent: boolean): RemoteSender | undefined {
    const own = sessionOf(this.#hub, speakerOf(said))
    if (own === undefined) return this.#messages.senderOf(said)
    // Without echoes the bridge does not know the ids of its own lines, and of tags and CTCP it keeps none.
    const { tier } = live.confirm
    const tellable = (tier === 'T1' || tier === 'T2') && said.tags['msgid'] !== undefined
    const words = said.command !== 'TAGMSG' && ctcpOf(said) === undefined && !isToService(said.target)
    if (!tellable || !recent || !words || own.login === undefined) return undefined
    const sender = this.#messages.senderOf(said)
    return isSelf(own, said) && own.loginId !== undefined ? { ...sender, self: own.loginId } : sender
  }

  #notice(session: Session, live: Live, from = this.#hub.now): ChatEvent {
    const now = this.#hub.now
    const minute = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
    const text = `Disconnected from IRC from ${minute(from)} to ${minute(now)}; messages may be missing.`
    return { kind: 'info', id: session.messageId(live), at: now, text }
  }
}
