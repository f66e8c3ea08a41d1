import { parseUserId } from './ids.ts'
import { delivered, rejected, retry, unknown } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { SendRequest } from '../../model/network.ts'
import type { RemoteAction } from '../../model/remote-action.ts'
import { sanitizeLine } from './format.ts'
import type { Hub } from './hub.ts'
import type { Live } from './live.ts'
import { levelToMode, nickMask } from './modes.ts'
import type { Session } from './session.ts'
import { cutBytes } from './splitter.ts'
import type { Evidence } from './ticket.ts'
import { nickOf } from './voice.ts'
import type { OutgoingLine } from './wire.ts'

type Membership = Extract<RemoteAction, { kind: 'membership' }>

const UNSUPPORTED = rejected('unsupported', 'IRC has nothing like it.')

/** What Matrix users do to a channel itself: topic, people, ranks. Each is a command, and repeating one does no harm. */
export class ChannelActions {
  readonly #hub: Hub

  constructor(hub: Hub) {
    this.#hub = hub
  }

  async run(session: Session, live: Live, request: SendRequest): Promise<SendOutcome> {
    const { action } = request
    if (request.chat.chat.type === 'dm') return UNSUPPORTED
    const channel = this.#hub.targetOf(request.chat.chat)
    switch (action.kind) {
      case 'topic': {
        const topic = cutBytes(sanitizeLine(action.topic), live.link.isupport.topicLen)
        return this.#run(session, live, [{ command: 'TOPIC', params: [channel, topic] }], [channel])
      }
      case 'membership':
        return this.#membership(session, live, channel, action, request)
      case 'power':
        return this.#power(session, live, channel, action.changes)
      default:
        return UNSUPPORTED
    }
  }

  async #membership(
    session: Session,
    live: Live,
    channel: string,
    action: Membership,
    request: SendRequest,
  ): Promise<SendOutcome> {
    const { change, user, remote } = action
    if (user === request.by.user && (change === 'join' || change === 'leave')) {
      if (change === 'join') return delivered()
      if (session.login === undefined) return UNSUPPORTED
      const reason = this.#reason(action, live)
      const outcome = await this.#run(
        session,
        live,
        [{ command: 'PART', params: [channel, ...reason] }],
        [channel],
      )
      if (outcome.kind === 'delivered') session.forget(channel)
      return outcome
    }
    const nick = (remote && parseUserId(remote)?.name) ?? nickOf(this.#hub, user)
    if (nick === undefined) return rejected('unsupported', 'They are not on this IRC network.')
    const kick = { command: 'KICK', params: [channel, nick, ...this.#reason(action, live)] }
    const ban = (sign: string) => ({ command: 'MODE', params: [channel, `${sign}b`, nickMask(nick)] })
    switch (change) {
      case 'kick':
        return this.#run(session, live, [kick], [channel, nick])
      case 'ban':
        return this.#run(session, live, [ban('+'), kick], [channel, nick])
      case 'unban':
        return this.#run(session, live, [ban('-')], [channel, nick])
      case 'invite':
        return this.#run(session, live, [{ command: 'INVITE', params: [nick, channel] }], [channel, nick])
      default:
        return UNSUPPORTED
    }
  }

  async #power(
    session: Session,
    live: Live,
    channel: string,
    changes: Extract<RemoteAction, { kind: 'power' }>['changes'],
  ): Promise<SendOutcome> {
    const { isupport } = live.link
    const single = changes.flatMap(({ remote, level }) => {
      const nick = parseUserId(remote)?.name
      if (nick === undefined) return []
      const wanted = levelToMode(level, isupport) ?? ''
      const held = this.#hub.channel(channel)?.roster.get(nick)?.modes ?? ''
      return [
        ...held
          .split('')
          .filter((mode) => mode !== wanted)
          .map((mode) => ({ sign: '-', mode, nick })),
        ...(wanted === '' || held.includes(wanted) ? [] : [{ sign: '+', mode: wanted, nick }]),
      ]
    })
    const lines: OutgoingLine[] = []
    for (let at = 0; at < single.length; at += isupport.modesPerLine) {
      const some = single.slice(at, at + isupport.modesPerLine)
      const modes = some.map(({ sign, mode }) => sign + mode).join('')
      lines.push({ command: 'MODE', params: [channel, modes, ...some.map(({ nick }) => nick)] })
    }
    return this.#run(session, live, lines, [channel, ...single.map(({ nick }) => nick)])
  }

  async #run(session: Session, live: Live, lines: OutgoingLine[], names: string[]): Promise<SendOutcome> {
    for (const line of lines) {
      const outcome = outcomeOf(await live.command(line, names), session)
      if (outcome.kind !== 'delivered') return outcome
    }
    return delivered()
  }

  #reason({ reason }: Membership, live: Live): string[] {
    const text = cutBytes(sanitizeLine(reason ?? ''), live.link.isupport.kickLen)
    return text === '' ? [] : [text]
  }
}

/** What a command's evidence means for whoever asked for it. */
export function outcomeOf(evidence: Evidence | { kind: 'unsent' }, session: Session): SendOutcome {
  switch (evidence.kind) {
    case 'accepted':
      return delivered()
    case 'refused': {
      const { reply, command } = evidence
      if (reply.class === 'later') return retry(`IRC asks to wait: ${reply.text}`, { afterMs: 5_000 })
      return rejected('network_refused', `IRC refused it (${command}): ${reply.text}`)
    }
    case 'silent':
      return unknown('The server does not say whether it took it.')
    default:
      return retry(
        'The connection to IRC was lost.',
        session.login === undefined ? {} : { waitsFor: 'login' },
      )
  }
}
