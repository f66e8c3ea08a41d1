import type { RemoteChat } from '../../model/remote-event.ts'
import type { SendRequest } from '../../model/network.ts'
import { delivered, rejected, retry, unknown } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { ChannelActions } from './channel-actions.ts'
import { stripFormat } from './format-codes.ts'
import type { Hub } from './hub.ts'
import type { Live } from './live.ts'
import { idsOf, newProgress, readProgress, speakPlainly } from './progress.ts'
import type { Progress, ProgressPart } from './progress.ts'
import type { Resolver } from './resolve.ts'
import type { Session } from './session.ts'
import type { Evidence, Expected } from './ticket.ts'
import { ircText, speakerName, toRemote } from './to-remote.ts'
import { voiceOf } from './voice.ts'
import type { OutgoingLine } from './wire.ts'

const LATER_MS = 5_000

type Step =
  | { kind: 'next' }
  /** The part as it now is goes out again. */
  | { kind: 'again' }
  | { kind: 'as-lines' }
  | { kind: 'lost' }
  | { kind: 'end'; outcome: SendOutcome }

/** Says on one network what Matrix users say, part by part, each only after the one before is known to be taken. */
export class Sender {
  readonly #hub: Hub
  readonly #resolver: Resolver
  readonly #actions: ChannelActions

  constructor(hub: Hub, resolver: Resolver, actions: ChannelActions) {
    this.#hub = hub
    this.#resolver = resolver
    this.#actions = actions
  }

  async send(request: SendRequest): Promise<SendOutcome> {
    const session = this.#hub.session(request.by.login)
    const { live } = session ?? {}
    if (session === undefined || live === undefined) return notConnected(session)
    const { chat } = request.chat
    if (this.#leavesNothing(session, request)) return delivered()
    const refused = await this.#enter(session, chat)
    if (refused !== undefined) return refused
    if (request.signal.aborted) return retry('The bridge is stopping.')
    const { action } = request
    switch (action.kind) {
      case 'message':
      case 'reaction':
      case 'reaction-removal':
      case 'redaction':
        break
      default:
        return this.#actions.run(session, live, request)
    }
    const target = this.#hub.targetOf(chat)
    const speaker = speakerOf(request)
    const said = toRemote(action, voiceOf(this.#hub, live, target, speaker))
    if ('refused' in said) return rejected('unsupported', said.refused)
    const begun = readProgress(request.progress)
    const progress = begun ?? (await this.#asLink(request, live, target, newProgress(said.parts, said.note)))
    return this.#parts(request, session, live, progress)
  }

  /** Whoever leaves a room whose channel they are not in must not enter it for that. */
  #leavesNothing(session: Session, { action, by, chat: { chat } }: SendRequest): boolean {
    if (action.kind !== 'membership' || action.change !== 'leave' || action.user !== by.user) return false
    const name = this.#hub.targetOf(chat)
    if (chat.type === 'dm' || session.isIn(name)) return false
    session.forget(name)
    return true
  }

  /** A message of too many lines goes as its beginning and a link to the rest. */
  async #asLink(request: SendRequest, live: Live, target: string, progress: Progress): Promise<Progress> {
    const { action } = request
    const { maxLines } = this.#hub.config
    if (progress.parts.length <= maxLines || action.kind !== 'message' || action.content.kind !== 'text')
      return progress
    const speaker = speakerOf(request)
    const voice = voiceOf(this.#hub, live, target, speaker)
    const link = await this.#hub.host
      .textLink(stripFormat(ircText(action.content, voice)))
      .catch(() => undefined)
    if (link === undefined) return progress
    const [first] = progress.parts
    if (first === undefined) return progress
    const lead = speaker === undefined ? '' : `<${speakerName(speaker)}> `
    const rest: ProgressPart = { command: first.command, target, text: `${lead}… ${link}`, state: 'waiting' }
    return { v: 1, parts: [first, rest], note: 'It was too long for IRC; the rest was sent as a link.' }
  }

  async #enter(session: Session, chat: RemoteChat): Promise<SendOutcome | undefined> {
    if (chat.type === 'dm') return undefined
    const name = this.#hub.targetOf(chat)
    if (session.isIn(name)) return undefined
    const kicked = session.kicked.get(this.#hub.fold(name))
    if (kicked !== undefined) {
      return rejected('not_a_member', `${kicked}. Say "join ${name}" to the bridge bot to enter it again.`)
    }
    if (!this.#hub.mayBridge(name)) return rejected('not_permitted', `${name} may not be bridged.`)
    const key = this.#hub.config.channels.find(
      (each) => this.#hub.fold(each.name) === this.#hub.fold(name),
    )?.key
    const outcome = await session.enter({ name, ...(key !== undefined && { key }) })
    if (outcome.ok) return undefined
    if (session.live === undefined) return notConnected(session)
    return outcome.retryable ? retry(outcome.why) : rejected(outcome.code, outcome.why)
  }

  async #parts(request: SendRequest, session: Session, live: Live, progress: Progress): Promise<SendOutcome> {
    for (let at = 0; at < progress.parts.length; at++) {
      const part = progress.parts[at]
      if (part === undefined || part.state === 'accepted') continue
      if (request.signal.aborted) return this.#pause(request, progress)
      const step = await this.#part(request, session, live, progress, part)
      if (step.kind === 'end') {
        // What waits must not be taken for something in doubt by the next attempt.
        if (step.outcome.kind === 'retry') await request.save(progress)
        return withPlace(step.outcome, at, progress.parts.length)
      }
      if (step.kind === 'lost') return this.#resolver.resolve({ ...request, progress })
      if (step.kind === 'as-lines') {
        const lines = (part.lines ?? []).map(({ text }): ProgressPart => ({
          command: part.command,
          target: part.target,
          text,
          state: 'waiting',
        }))
        progress.parts.splice(at, 1, ...lines)
      }
      if (step.kind !== 'next') at--
    }
    return delivered(idsOf(progress), progress.resent ? 'It may have been sent twice.' : progress.note)
  }

  async #pause(request: SendRequest, progress: Progress): Promise<SendOutcome> {
    if (progress.parts.some((part) => part.state === 'accepted')) await request.save(progress)
    return retry('The bridge is stopping.')
  }

  async #part(
    request: SendRequest,
    session: Session,
    live: Live,
    progress: Progress,
    part: ProgressPart,
  ): Promise<Step> {
    const expected: Expected = {
      kind: 'message',
      command: part.command,
      names: [part.target, ...(part.as === undefined ? [] : [part.as])].map((name) => live.link.fold(name)),
      delivery: request.delivery,
      ...(part.as !== undefined && { as: live.link.fold(part.as) }),
      ...(part.text !== undefined && { text: part.text }),
    }
    const before = async () => {
      Object.assign(part, {
        state: 'written',
        epoch: live.link.epoch,
        nick: part.as ?? live.link.nick,
        at: this.#hub.now.toISOString(),
      })
      await request.save(progress)
    }
    const evidence = await live.send(expected, linesOf(part, live), { before })
    return this.#judge(session, live, progress, part, evidence)
  }

  #judge(
    session: Session,
    live: Live,
    progress: Progress,
    part: ProgressPart,
    evidence: Evidence | { kind: 'unsent' },
  ): Step {
    switch (evidence.kind) {
      case 'accepted': {
        part.state = 'accepted'
        this.#hub
          .channel(part.target)
          ?.witnesses.accepted(live.link.fold(part.as ?? live.link.nick), stripFormat(part.text ?? ''))
        if (part.command !== 'REDACT') part.id = session.messageId(live, evidence.msgid)
        this.#continueTruncated(progress, part, evidence.text)
        return { kind: 'next' }
      }
      case 'refused':
        if (part.as !== undefined && refusesRelay(evidence)) {
          live.relayRefused.add(live.link.fold(part.target))
          for (const each of progress.parts) speakPlainly(each)
          return { kind: 'again' }
        }
        return this.#refused(session, progress, part, evidence)
      case 'unsent':
        part.state = 'waiting'
        return { kind: 'end', outcome: notConnected(session) }
      case 'silent':
        return { kind: 'end', outcome: unknown('The server does not say whether it took the message.') }
      default:
        return { kind: 'lost' }
    }
  }

  #refused(
    session: Session,
    progress: Progress,
    part: ProgressPart,
    { command, reply }: Extract<Evidence, { kind: 'refused' }>,
  ): Step {
    const why = `IRC refused it (${command}): ${reply.text}`
    if (reply.class === 'later') {
      part.state = 'waiting'
      return { kind: 'end', outcome: retry(`IRC asks to wait: ${reply.text}`, { afterMs: LATER_MS }) }
    }
    if (part.lines !== undefined && command === 'FAIL') return { kind: 'as-lines' }
    const plain = stripFormat(part.text ?? '')
    if (reply.fix === 'plain' && part.text !== undefined && part.text !== plain) {
      part.text = plain
      return { kind: 'again' }
    }
    if (reply.fix === 'join') {
      const kicked = session.kicked.get(this.#hub.fold(part.target))
      if (kicked !== undefined) return { kind: 'end', outcome: rejected('not_a_member', `${kicked}.`) }
      session.hasLeft(part.target)
      if (progress.rejoined !== true) {
        progress.rejoined = true
        part.state = 'waiting'
        return { kind: 'end', outcome: retry(why, { afterMs: 0 }) }
      }
    }
    return { kind: 'end', outcome: rejected('network_refused', why) }
  }

  /** A server that cuts lines shows it in the echo: the end goes as a line of its own, once. */
  #continueTruncated(progress: Progress, part: ProgressPart, echo: string | undefined): void {
    const { text } = part
    if (text === undefined || echo === undefined || echo === '' || part.lines !== undefined) return
    if (text.startsWith('\x01') || echo === text || !text.startsWith(echo)) return
    const tail = text.slice(echo.length)
    if (stripFormat(tail).trim() === '') return
    this.#hub.observer.truncated()
    const at = progress.parts.indexOf(part)
    const { command, target, as, plain = '' } = part
    const lead = plain.slice(0, Math.max(0, plain.length - text.length))
    part.text = echo
    const relayed = as === undefined ? {} : { as, plain: lead + tail }
    progress.parts.splice(at + 1, 0, { command, target, text: tail, ...relayed, state: 'waiting' })
  }
}

/** Whose words the bot carries; nobody's when they are the bridge's own. */
const speakerOf = ({ by }: SendRequest): string | undefined =>
  by.login === undefined && by.name !== '' ? by.name : undefined

export function notConnected(session: Session | undefined): SendOutcome {
  if (session === undefined) return rejected('not_logged_in', 'There is no connection to this IRC network.')
  const { state, text } = session.connection.status
  const why = `Not connected to IRC (${state}${text === undefined ? '' : `: ${text}`}).`
  return session.login === undefined ? retry(why) : retry(why, { waitsFor: 'login' })
}

/** Whether it was not the words that were refused, but that we say them for somebody. Whose nick is banned stays unheard. */
function refusesRelay({ command, reply }: Extract<Evidence, { kind: 'refused' }>): boolean {
  return command === '421' || (command === 'FAIL' && reply.code !== 'BANNED')
}

function withPlace(outcome: SendOutcome, at: number, of: number): SendOutcome {
  if (of === 1 || outcome.kind !== 'rejected' || at === 0) return outcome
  return { ...outcome, why: `${outcome.why} (part ${at + 1} of ${of}; what came before it was sent)` }
}

function linesOf(part: ProgressPart, live: Live): OutgoingLine[] {
  const { command, target, text, tags, lines, params, as } = part
  if (params !== undefined) return [{ command, params: [target, ...params] }]
  const tagged = tags === undefined ? {} : { tags }
  if (text === undefined) return [{ command, params: [target], ...tagged }]
  if (as !== undefined) return [{ command, params: [target, as, text], ...tagged }]
  if (lines === undefined) return [{ command, params: [target, text], ...tagged }]
  const batch = `m${live.link.nextCounter()}`
  return [
    { command: 'BATCH', params: [`+${batch}`, 'draft/multiline', target], ...tagged },
    ...lines.map((line) => ({
      command,
      params: [target, line.text],
      tags: { batch, ...(line.concat && { 'draft/multiline-concat': true as const }) },
    })),
    { command: 'BATCH', params: [`-${batch}`] },
  ]
}
