import { sanitizeLine } from './format.ts'
import type { ChatEvent, Hub } from './hub.ts'
import type { IrcChannel } from './irc-channel.ts'
import type { Live } from './live.ts'
import { applyModes, applyRanks, levelOf, nickMask, parseModes, roomPower } from './modes.ts'
import type { ModeChange } from './modes.ts'
import { parseNames } from './names-list.ts'
import { PowerMerger } from './power-merger.ts'
import type { Session } from './session.ts'
import { timeOf } from './from-remote.ts'
import type { IrcMessage } from './wire.ts'

const DAY_MS = 86_400_000

type Heard = { session: Session; live: Live; channel: IrcChannel; m: IrcMessage }

/** The list of members, the modes and the topic of channels, as their leaders see them. */
export class ChannelState {
  readonly #hub: Hub
  readonly #powers: PowerMerger

  constructor(hub: Hub) {
    this.#hub = hub
    this.#powers = new PowerMerger(hub)
  }

  /** Hands in what it has kept back. */
  stop(): void {
    this.#powers.flush()
  }

  /** Whether people get a ghost only when they speak. */
  isLazy(channel: IrcChannel): boolean {
    const { members, membersFullLimit } = this.#hub.config
    return members === 'lazy' || channel.roster.members.size > membersFullLimit
  }

  handle(session: Session, live: Live, m: IrcMessage): void {
    const name = m.params[CHANNEL_AT[m.command] ?? 0]
    const channel = name === undefined ? undefined : this.#hub.channel(name)
    if (channel === undefined || channel.feed.leader !== session) return
    const heard = { session, live, channel, m }
    switch (m.command) {
      case '353':
        return channel.roster.collect(parseNames(m.params[3] ?? '', live.link.isupport))
      case '366':
        return this.#onNames(heard)
      case '324':
        return this.#onSettings(heard)
      case 'MODE':
        return this.#onMode(heard)
      case 'TOPIC':
        return this.#onTopic(heard, m.params[1] ?? '')
      case '332':
        return this.#onTopic(heard, m.params[2] ?? '')
      case '331':
        return this.#onTopic(heard, '')
      default:
        return undefined
    }
  }

  /** Another connection leads: what it missed between is asked for. */
  ask(live: Live, channel: IrcChannel, withNames: boolean): void {
    if (withNames) live.post({ command: 'NAMES', params: [channel.name] }, 'control')
    live.post({ command: 'MODE', params: [channel.name] }, 'control')
  }

  #onNames({ session, live, channel }: Heard): void {
    const before = new Set(channel.roster.members.keys())
    const members = channel.roster.settle()
    if (before.size > 0) this.#tell(before, new Set(channel.roster.members.keys()))
    channel.checkAt = new Date(this.#hub.now.getTime() + DAY_MS)
    // A list without ourselves is that of a channel we are not in.
    if (!channel.roster.has(live.link.nick)) return
    this.#hub.splits.settle(this.#hub.fold(channel.name))
    const others = members.filter(({ nick }) => this.#hub.ownNick(nick) === undefined)
    const lazy = this.isLazy(channel)
    const small = members.length <= this.#hub.config.membersFullLimit
    const ranked = members.filter(({ modes }) => modes !== '' || small)
    const users = ranked.map(({ nick, modes }) => ({ user: this.#hub.user(nick), level: levelOf(modes) }))
    const base = { at: this.#hub.now }
    const events: ChatEvent[] = [
      {
        ...base,
        kind: 'members',
        id: session.messageId(live),
        users: others.map(({ nick }) => this.#hub.user(nick)),
        ...(lazy && { lazy }),
      },
    ]
    if (users.length > 0) events.push({ ...base, kind: 'power', id: session.messageId(live), users })
    this.#powers.flush(channel)
    this.#hub.emit(channel.chat, events)
  }

  #tell(before: Set<string>, now: Set<string>): void {
    this.#hub.observer.reconciled('joined', now.difference(before).size)
    this.#hub.observer.reconciled('left', before.difference(now).size)
  }

  #onSettings({ session, live, channel, m }: Heard): void {
    const before = JSON.stringify(roomPower(channel.roster.settings))
    const first = channel.roster.settings.size === 0
    channel.roster.settings.clear()
    applyModes(channel.roster.settings, parseModes(m.params.slice(2), live.link.isupport))
    const room = roomPower(channel.roster.settings)
    if (!first && before === JSON.stringify(room)) return
    this.#powers.flush(channel)
    this.#hub.emit(channel.chat, [{ kind: 'power', id: session.messageId(live), at: this.#hub.now, room }])
  }

  #onMode({ session, live, channel, m }: Heard): void {
    const { isupport } = live.link
    const changes = parseModes(m.params.slice(1), isupport)
    const by = m.source?.nick
    const at = timeOf(m.tags, this.#hub.now, false)
    const sender = by === undefined || by === '' ? {} : { sender: this.#hub.user(by) }
    const own = by !== undefined && this.#hub.ownNick(by) !== undefined
    const events: ChatEvent[] = []
    const users = this.#ranked(channel, changes, live)
    const before = JSON.stringify(roomPower(channel.roster.settings))
    applyModes(channel.roster.settings, changes)
    const room = roomPower(channel.roster.settings)
    const changed = before !== JSON.stringify(room)
    if (users.length > 0 || changed) {
      const id = session.messageId(live, m.tags['msgid'])
      this.#powers.add(channel, { id, at, ...sender, users, ...(changed && { room }) })
    }
    for (const { mode, type, add, param } of changes) {
      if (type !== 'A' || mode !== 'b' || param === undefined) continue
      // The room has seen a ban that one of ours made there.
      if (own && param === nickMask(param.split('!')[0] ?? '')) continue
      const text = `${by ?? 'The server'} ${add ? 'banned' : 'lifted the ban of'} ${param}`
      events.push({ kind: 'info', id: session.messageId(live), at, text })
    }
    this.#hub.emit(channel.chat, events)
  }

  #ranked(channel: IrcChannel, changes: ModeChange[], live: Live) {
    const nicks = new Set(changes.flatMap(({ type, param }) => (type === 'prefix' && param ? [param] : [])))
    return [...nicks].map((nick) => {
      const member = channel.roster.add(nick)
      const same = (other: string) => this.#hub.fold(other) === this.#hub.fold(nick)
      member.modes = applyRanks(member.modes, changes, same, live.link.isupport)
      return { user: this.#hub.user(member.nick), level: levelOf(member.modes) }
    })
  }

  #onTopic({ session, live, channel, m }: Heard, text: string): void {
    const topic = sanitizeLine(text)
    if (channel.topic === topic) return
    channel.topic = topic
    const by = m.command === 'TOPIC' ? m.source?.nick : undefined
    // What one of ours has set came from Matrix.
    if (by !== undefined && this.#hub.ownNick(by) !== undefined) return
    const sender = by === undefined || by === '' ? {} : { sender: this.#hub.user(by) }
    const id = session.messageId(live, m.tags['msgid'])
    this.#hub.emit(channel.chat, [
      { kind: 'topic', id, at: timeOf(m.tags, this.#hub.now, false), ...sender, topic },
    ])
  }
}

/** Which parameter names the channel, where it is not the first. */
const CHANNEL_AT: Readonly<Record<string, number>> = { '353': 2, '366': 1, '324': 1, '332': 1, '331': 1 }
