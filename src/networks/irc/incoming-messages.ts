import type { RemoteChat, RemoteSender } from '../../model/remote-event.ts'
import { remoteMessageId } from '../../model/ids.ts'
import { isBatch } from './batch.ts'
import type { Batch } from './batch.ts'
import type { Ctcp } from './ctcp.ts'
import { stripFormat } from './format-codes.ts'
import { contentOf, ctcpOf, reactionOf, readSaid, replyOf, speakerOf, timeOf } from './from-remote.ts'
import type { Said } from './from-remote.ts'
import { isRelayedNick } from './ids.ts'
import type { ChatEvent, Hub } from './hub.ts'
import type { IrcChannel } from './irc-channel.ts'
import type { Live } from './live.ts'
import { isToService } from './own-words.ts'
import type { Session } from './session.ts'
import type { IrcMessage } from './wire.ts'

/** Where a line came in: live, or out of a history. */
export type Heard = { session: Session; live: Live; backfilled: boolean }

const TALKBACK_EVERY_MS = 60 * 60_000

/** What people say: text, notices, actions, reactions, typing, redactions and CTCP. */
export class Messages {
  readonly #hub: Hub
  #talkedBack = new Map<string, number>()

  constructor(hub: Hub) {
    this.#hub = hub
  }

  handle(session: Session, live: Live, item: IrcMessage | Batch): void {
    const said = isBatch(item) || item.command !== 'REDACT' ? readSaid(item) : undefined
    if (said !== undefined) return this.#said({ session, live, backfilled: false }, said)
    if (!isBatch(item) && item.command === 'REDACT') this.#redact(session, live, item)
  }

  /** The event that a line becomes; undefined when there is nothing to keep of it. */
  eventOf(heard: Heard, said: Said, sender: RemoteSender, status?: string): ChatEvent | undefined {
    const { session, live, backfilled } = heard
    const base = {
      id: session.messageId(live, said.tags['msgid']),
      at: timeOf(said.tags, this.#hub.now, backfilled),
      sender,
      ...(backfilled && { backfilled }),
    }
    const reaction = said.command === 'TAGMSG' ? reactionOf(said.tags) : undefined
    if (reaction !== undefined) return { ...base, ...reaction }
    const content =
      said.command === 'TAGMSG' ? undefined : contentOf(said, { ...this.#richOptions(), status })
    const replyTo = replyOf(said.tags)
    return content && { ...base, kind: 'message', content, ...(replyTo !== undefined && { replyTo }) }
  }

  /** Whoever wrote a line, unless it is one of ours. */
  senderOf({ source, tags }: Said): RemoteSender {
    return { ...this.#hub.user(source.nick), ...('bot' in tags && { bot: true }) }
  }

  #said(heard: Heard, said: Said): void {
    const { session, live } = heard
    const { isupport } = live.link
    const status = isupport.statusTarget(said.target)
    const channelName = status?.channel ?? (isupport.isChannel(said.target) ? said.target : undefined)
    if (channelName === undefined) return this.#direct(heard, said)
    const channel = this.#hub.channel(channelName)
    if (channel === undefined) return
    const own = this.#hub.ownNick(speakerOf(said))
    if (own !== undefined) return this.#own(heard, said, own, channel)
    const ctcp = ctcpOf(said)
    if (ctcp !== undefined) return this.#ctcpInChannel(heard, said, ctcp, channel)
    if (this.#typing(channel.chat, said, session === channel.feed.leader)) return
    const key = said.tags['msgid'] ?? [said.source.nick, said.command, said.text].join('\0')
    channel.feed.offer(session, key, () => {
      if (!isRelayedNick(said.source.nick)) channel.roster.add(said.source.nick).known = true
      const event = this.eventOf(heard, said, this.senderOf(said), status && said.target)
      if (event !== undefined) this.#hub.emit(channel.chat, [event])
    })
  }

  /** A line of one of our own connections, seen in a channel. */
  #own(heard: Heard, said: Said, own: Session, channel: IrcChannel): void {
    const { session, live } = heard
    if (own !== session) {
      const { nick } = said.source
      channel.witnesses.saw(session, this.#hub.fold(nick), stripFormat(said.text), said.tags['msgid'])
      return
    }
    // It is no echo of something that we wrote: another client of the same account said it.
    if (session.loginId === undefined || !live.link.isMe(said.source.nick)) return
    const self = { ...this.#hub.user(live.link.nick), self: session.loginId }
    const event = ctcpOf(said) === undefined ? this.eventOf(heard, said, self) : undefined
    if (event !== undefined) this.#hub.emit(channel.chat, [event])
  }

  #direct(heard: Heard, said: Said): void {
    const { session, live } = heard
    const { loginId } = session
    const fromMe = live.link.isMe(said.source.nick)
    const toMe = live.link.isMe(said.target)
    // Words of the server itself, and what one says to oneself, belong to no conversation.
    if (said.source.user === undefined || fromMe === toMe) return
    const other = fromMe ? said.target : said.source.nick
    if (loginId === undefined) return fromMe ? undefined : this.#talkBack(heard, said)
    const ctcp = ctcpOf(said)
    if (ctcp !== undefined) return fromMe ? undefined : this.#ctcpInPrivate(heard, said, ctcp)
    if (fromMe && isToService(other)) return
    const chat = this.#hub.directChat(loginId, other)
    if (this.#typing(chat, said, !fromMe)) return
    const sender = fromMe ? { ...this.#hub.user(live.link.nick), self: loginId } : this.senderOf(said)
    const event = this.eventOf(heard, said, sender)
    if (event !== undefined) this.#hub.emit(chat, [event])
  }

  /** @returns whether it was about typing */
  #typing(chat: RemoteChat, said: Said, tell: boolean): boolean {
    const typing = said.tags['+typing']
    if (said.command !== 'TAGMSG' || typing === undefined) return false
    const user = this.#hub.user(said.source.nick)
    if (tell && !this.#hub.ownNick(said.source.nick)) {
      this.#hub.host.hint({ kind: 'typing', chat, user, typing: typing === 'active' })
    }
    return true
  }

  #redact(session: Session, live: Live, { source, params, tags }: IrcMessage): void {
    const [target, msgid, reason] = params
    if (source === undefined || target === undefined || msgid === undefined || live.link.isMe(source.nick))
      return
    const event: ChatEvent = {
      kind: 'redaction',
      id: session.messageId(live, tags['msgid']),
      at: timeOf(tags, this.#hub.now, false),
      sender: this.#hub.user(source.nick),
      target: remoteMessageId(msgid),
      ...(reason !== undefined && reason !== '' && { reason }),
    }
    const channel = this.#hub.channel(target)
    if (channel !== undefined) {
      if (this.#hub.ownNick(source.nick) !== undefined) return
      channel.feed.offer(session, `redact ${msgid}`, () => this.#hub.emit(channel.chat, [event]))
    } else if (session.loginId !== undefined && live.link.isMe(target)) {
      this.#hub.emit(this.#hub.directChat(session.loginId, source.nick), [event])
    }
  }

  #ctcpInChannel({ session, live }: Heard, said: Said, ctcp: Ctcp, channel: IrcChannel): void {
    if (said.command !== 'PRIVMSG') return
    if (session === channel.feed.leader) {
      this.#hub.info(channel.chat, session.messageId(live), asked(said.source.nick, ctcp))
      this.#answer(live, said, ctcp)
    }
  }

  #ctcpInPrivate({ session, live }: Heard, said: Said, ctcp: Ctcp): void {
    const { loginId } = session
    const { nick } = said.source
    if (said.command === 'PRIVMSG') this.#answer(live, said, ctcp)
    // A question about the program opens no conversation; an offer, or what goes on in one, is shown.
    const open = loginId !== undefined && this.#hub.directChatsWith(nick).includes(loginId)
    if (loginId === undefined || (ctcp.command !== 'DCC' && !open)) return
    const text =
      said.command === 'PRIVMSG' ? asked(nick, ctcp) : `${nick} answered ${ctcp.command}: ${ctcp.args}`
    this.#hub.info(this.#hub.directChat(loginId, nick), session.messageId(live, said.tags['msgid']), text)
  }

  #answer(live: Live, said: Said, ctcp: Ctcp): void {
    const source = said.source.host ?? this.#hub.fold(said.source.nick)
    const text = this.#hub.ctcp.answer(ctcp, source, this.#hub.now)
    if (text !== undefined) live.post({ command: 'NOTICE', params: [said.source.nick, text] })
  }

  /** The bot has no conversations of its own: whoever writes to it learns that nobody reads it. */
  #talkBack({ live }: Heard, said: Said): void {
    const { nick } = said.source
    const now = this.#hub.now.getTime()
    for (const [each, at] of this.#talkedBack)
      if (now - at >= TALKBACK_EVERY_MS) this.#talkedBack.delete(each)
    const ctcp = ctcpOf(said)
    if (ctcp !== undefined) return said.command === 'PRIVMSG' ? this.#answer(live, said, ctcp) : undefined
    if (said.command !== 'PRIVMSG' || this.#talkedBack.has(this.#hub.fold(nick))) return
    this.#talkedBack.set(this.#hub.fold(nick), now)
    const text = 'I carry messages between this network and Matrix; nobody reads what is sent to me alone.'
    live.post({ command: 'NOTICE', params: [nick, text] })
  }

  #richOptions() {
    const hub = this.#hub
    return {
      casemap: hub.casemap,
      nickOwner: (nick: string) => {
        const login = hub.ownNick(nick)?.login
        return login && { user: login.owner, name: nick }
      },
    }
  }
}

function asked(nick: string, { command, args }: Ctcp): string {
  if (command === 'DCC') return `${nick} offered something by DCC, which cannot be received here: ${args}`
  return `${nick} asked by CTCP: ${command}${args === '' ? '' : ` ${args}`}`
}
