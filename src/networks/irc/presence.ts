import { isBatch } from './batch.ts'
import type { Batch } from './batch.ts'
import type { Hub } from './hub.ts'
import type { IrcChannel } from './irc-channel.ts'
import type { Live } from './live.ts'
import { ChannelState } from './channel-state.ts'
import { isSplitReason } from './netsplit.ts'
import type { Session } from './session.ts'
import type { IrcMessage } from './wire.ts'

const REJOIN_MS = 60_000
/** How long after the last surprise a list of members can be trusted. */
const SETTLED_MS = 30_000

/** Who comes and goes: in channels as their leaders see it, and for our own connections as they see it themselves. */
export class Presence {
  readonly #hub: Hub
  readonly #state: ChannelState
  #cancelDue: () => void = () => undefined

  constructor(hub: Hub, state: ChannelState) {
    this.#hub = hub
    this.#state = state
  }

  handle(session: Session, live: Live, m: IrcMessage): void {
    const nick = m.source?.nick ?? ''
    const channel = this.#hub.channel(m.params[0] ?? '')
    const leads = channel !== undefined && channel.feed.leader === session
    switch (m.command) {
      case 'JOIN':
        return this.#onJoin(session, live, m)
      case 'PART':
        if (nick === '' || channel === undefined) return
        if (live.link.isMe(nick)) return this.#outOf(session, channel)
        this.#seenGone(session, channel, nick)
        if (leads) this.#gone(session, live, channel, nick, m.params[1])
        return
      case 'KICK':
        if (channel !== undefined) this.#onKick(session, live, channel, m)
        return
      case 'QUIT':
        if (nick !== '') this.#onQuit(session, live, m, isSplitReason(m.params[0] ?? ''))
        return
      case 'NICK':
        if (nick !== '' && m.params[0]) this.#onNick(session, live, nick, m.params[0])
        return
      case 'INVITE':
        return this.#onInvite(session, live, m)
      case 'AWAY':
        if (nick === '' || this.#hub.ownNick(nick) !== undefined) return
        this.#hub.host.hint({
          kind: 'presence',
          user: this.#hub.user(nick),
          network: 'irc',
          online: !m.params[0],
          ...(m.params[0] && { text: m.params[0] }),
        })
        return
      default:
        return this.#state.handle(session, live, m)
    }
  }

  /** A batch of QUIT or JOIN, which says by its type what a reason only hints at. */
  netsplit(session: Session, live: Live, batch: Batch): void {
    for (const item of batch.items) {
      if (isBatch(item)) continue
      if (item.command === 'QUIT' && item.source?.nick) this.#onQuit(session, live, item, true)
      else this.handle(session, live, item)
    }
  }

  /** A connection has ended: it is in no channel any more. */
  lost(session: Session): void {
    for (const name of session.joined.values()) {
      const channel = this.#hub.channel(name)
      if (channel !== undefined) this.#outOf(session, channel)
    }
  }

  stop(): void {
    this.#cancelDue()
    this.#state.stop()
  }

  #onJoin(session: Session, live: Live, m: IrcMessage): void {
    const nick = m.source?.nick ?? ''
    const [name] = m.params
    if (nick === '' || name === undefined || !live.link.isupport.isChannel(name)) return
    if (live.link.isMe(nick)) return this.#entered(session, live, name)
    const channel = this.#hub.channel(name)
    if (channel?.feed.leader !== session) return
    if (this.#hub.ownNick(nick) !== undefined) return void channel.roster.add(nick)
    const back = this.#hub.splits.rejoined(this.#hub.fold(nick), this.#hub.fold(name))
    const member = channel.roster.add(nick)
    if (back) channel.checkBy(new Date(this.#hub.now.getTime() + SETTLED_MS))
    if (back || this.#state.isLazy(channel)) return
    member.known = true
    const user = this.#hub.user(nick)
    const id = session.messageId(live)
    this.#hub.emit(channel.chat, [
      { kind: 'membership', id, at: this.#hub.now, sender: user, user, change: 'join' },
    ])
  }

  #entered(session: Session, live: Live, name: string): void {
    if (!this.#hub.mayBridge(name)) {
      live.post({ command: 'PART', params: [name, 'not bridged'] }, 'control')
      return
    }
    session.hasJoined(name)
    const channel = this.#hub.openChannel(name)
    channel.name = name
    channel.witnesses.joined(session)
    channel.playedBack = []
    if (channel.feed.leader === undefined) {
      channel.filling = true
      this.#hub.hold(channel.chat)
    }
    channel.feed.join(session)
  }

  #outOf(session: Session, channel: IrcChannel): void {
    session.hasLeft(channel.name)
    channel.witnesses.left(session)
    channel.feed.leave(session)
    if (channel.feed.leader !== undefined || !channel.filling) return
    channel.filling = false
    this.#hub.release(channel.chat)
  }

  #onKick(session: Session, live: Live, channel: IrcChannel, m: IrcMessage): void {
    const [, nick = '', reason = ''] = m.params
    const by = m.source?.nick ?? ''
    if (nick === '') return
    if (live.link.isMe(nick)) return this.#kicked(session, live, channel, by, reason)
    this.#seenGone(session, channel, nick)
    if (channel.feed.leader === session) this.#gone(session, live, channel, nick, reason, by)
  }

  #kicked(session: Session, live: Live, channel: IrcChannel, by: string, reason: string): void {
    const text = `${by} removed ${live.link.nick} from ${channel.name}${reason === '' ? '' : `: ${reason}`}`
    session.kicked.set(this.#hub.fold(channel.name), text)
    this.#hub.info(channel.chat, session.messageId(live), text)
    this.#outOf(session, channel)
    const { loginId } = session
    if (loginId !== undefined) {
      this.#hub.tell(loginId, `${text}. Say "join ${channel.name}" to enter it again.`)
    }
    if (!this.#hub.config.autoJoinOnKick) return
    this.#hub.host.clock.after(REJOIN_MS, () => {
      if (session.live === live && session.kicked.has(this.#hub.fold(channel.name))) {
        this.#hub.background('entering a channel again', session.enter({ name: channel.name }))
      }
    })
  }

  #onQuit(session: Session, live: Live, m: IrcMessage, split: boolean): void {
    const nick = m.source?.nick ?? ''
    const [reason = ''] = m.params
    const seen = [...this.#hub.channels.values()].filter((channel) => channel.feed.members.includes(session))
    for (const channel of seen) this.#seenGone(session, channel, nick)
    this.#hub.nickGone(nick)
    const led = seen.filter((channel) => channel.feed.leader === session && channel.roster.has(nick))
    if (!split) {
      for (const channel of led) this.#quit(session, live, channel, nick, reason)
      return
    }
    const names = led.map((channel) => this.#hub.fold(channel.name))
    const first = this.#hub.splits.hold(this.#hub.fold(nick), names, reason, this.#hub.now)
    for (const channel of led) {
      channel.roster.remove(nick)
      if (!first.includes(this.#hub.fold(channel.name))) continue
      this.#hub.info(
        channel.chat,
        session.messageId(live),
        `Netsplit: ${reason}. Some people cannot be reached.`,
      )
    }
    this.#scheduleDue(session)
  }

  /** Somebody is gone from the network; when it is very many, the list of members has the last word. */
  #quit(session: Session, live: Live, channel: IrcChannel, nick: string, reason: string): void {
    const { size } = channel.roster.members
    if (!channel.losses.doubts(size - 1, this.#hub.now))
      return this.#gone(session, live, channel, nick, reason)
    channel.roster.remove(nick)
    channel.checkBy(new Date(this.#hub.now.getTime() + SETTLED_MS))
  }

  #onNick(session: Session, live: Live, from: string, to: string): void {
    const own = this.#hub.ownNick(from)
    // Its own connection may hear of it only after this one has heard what it says next.
    if (own !== undefined && own !== session && own.live?.link.isMe(from) === true)
      this.#hub.staleNick(to, own)
    if (live.link.isMe(to) || own !== undefined) return
    const rename = { kind: 'rename', from: this.#hub.user(from), to: this.#hub.user(to) } as const
    for (const channel of this.#hub.channels.values()) {
      if (channel.feed.leader !== session) continue
      const member = channel.roster.rename(from, to)
      if (member === undefined || (!member.known && this.#state.isLazy(channel))) continue
      this.#hub.emit(channel.chat, [{ ...rename, id: session.messageId(live), at: this.#hub.now }])
    }
    const { loginId } = session
    if (loginId === undefined || !this.#hub.directChatsWith(from).includes(loginId)) return
    const chat = this.#hub.directChat(loginId, from)
    this.#hub.emit(chat, [{ ...rename, id: session.messageId(live), at: this.#hub.now }])
    this.#hub.moveDirectChat(loginId, from, to)
  }

  #onInvite(session: Session, live: Live, { source, params }: IrcMessage): void {
    const [who, name] = params
    if (name === undefined || session.loginId === undefined || !live.link.isMe(who)) return
    const text = `${source?.nick ?? 'Somebody'} invites you to ${name}. Say "join ${name}" to enter it.`
    this.#hub.tell(session.loginId, text)
  }

  /** Somebody left a channel, or was thrown out of it. */
  #gone(session: Session, live: Live, channel: IrcChannel, nick: string, reason?: string, by?: string): void {
    const member = channel.roster.remove(nick)
    if (this.#hub.ownNick(nick) !== undefined) return
    if (member?.known !== true && this.#state.isLazy(channel)) return
    const user = this.#hub.user(nick)
    this.#hub.emit(channel.chat, [
      {
        kind: 'membership',
        id: session.messageId(live),
        at: this.#hub.now,
        sender: by === undefined || by === '' ? user : this.#hub.user(by),
        user,
        change: by === undefined ? 'leave' : 'kick',
        ...(reason !== undefined && reason !== '' && { reason }),
      },
    ])
  }

  #seenGone(session: Session, channel: IrcChannel, nick: string): void {
    const own = this.#hub.ownNick(nick)
    if (own !== undefined && own !== session) channel.witnesses.sawGone(session, this.#hub.fold(nick))
  }

  /** Whoever is not back half an hour after a split has left. */
  #scheduleDue(session: Session): void {
    this.#cancelDue()
    const due = this.#hub.splits.nextDue()
    if (due === undefined) return
    this.#cancelDue = this.#hub.host.clock.after(due.getTime() - this.#hub.now.getTime(), () => {
      for (const { nick, channel: name, reason } of this.#hub.splits.due(this.#hub.now)) {
        const channel = this.#hub.channels.get(name)
        const leader = channel?.feed.leader
        if (channel === undefined || leader?.live === undefined || channel.roster.has(nick)) continue
        channel.roster.add(nick).known = true
        this.#gone(leader, leader.live, channel, nick, reason)
      }
      this.#scheduleDue(session)
    })
  }
}
