import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import { matrixEventId } from '../model/ids.ts'
import type { MatrixEventId, MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import { outcomeFor, outcomeOf, settle } from './classify.ts'
import type { Failure, Verdict } from './classify.ts'
import type { Client } from './client.ts'
import { isDevice } from './devices.ts'
import type { Device, Devices } from './devices.ts'
import type { Ghosts } from './ghosts.ts'
import type { Reply } from './http.ts'
import { isOurs, marked } from './marker.ts'
import { isVerdict } from './membership.ts'
import type { Membership } from './membership.ts'
import type { Actor, MatrixOutcome, MatrixSend } from './ports.ts'
import { scanRoom } from './scan.ts'
import type { FoundEvent } from './scan.ts'

/** Synapse forgets transaction ids after 24 h. */
const DEDUPED_FOR_MS = 23 * 3_600_000

export type SenderDeps = {
  client: Client
  devices: Devices
  ghosts: Ghosts
  membership: Membership
  bot: MatrixUserId
  clock: Clock
  log: Logger
  instance?: string | undefined
  /** Told of a refusal that only a change of configuration can mend. */
  onMisconfigured(why: string): void
}

/** An event with everything that stays the same over its attempts. */
export type Operation = {
  actor: Actor
  room: MatrixRoomId
  type: string
  attempts: number
  firstAttemptAt: Date | undefined
  /** The name that a scan logs. */
  txn: string
  call: () => Promise<Reply>
  matches: (event: FoundEvent) => boolean
  /** Set for reactions: the same one from an earlier, unknown delivery. */
  matchesDuplicate?: (event: FoundEvent) => boolean
}

/** Sends events so that each is in its room once, however often an attempt was interrupted. */
export class Sender {
  readonly #deps: SenderDeps
  readonly #prefix: string

  constructor(deps: SenderDeps) {
    this.#deps = deps
    this.#prefix = deps.instance === undefined ? '' : `${deps.instance}-`
  }

  /** The transaction id and the mark of a delivery, the same on every attempt. */
  idsOf(delivery: number, part: number | undefined): { txn: string; mark: string } {
    const mark = `${this.#prefix}${delivery}${part === undefined ? '' : `-${part}`}`
    return { txn: `vd-${mark}`, mark }
  }

  /** One attempt to send. Never throws. */
  send(r: MatrixSend): Promise<MatrixOutcome> {
    const { txn, mark } = this.idsOf(r.delivery, r.part)
    const actor: Actor = r.puppet === undefined ? { user: r.as } : { user: r.as, puppet: r.puppet }
    const content = marked(r.content, mark)
    const operation: Operation = {
      actor,
      room: r.room,
      type: r.type,
      attempts: r.attempts,
      firstAttemptAt: r.firstAttemptAt,
      txn,
      call: () => this.#deps.client.send(actor, { room: r.room, type: r.type, txn, content, at: r.at }),
      matches: (event) => isOurs(event, txn, mark),
    }
    const relation = r.type === 'm.reaction' ? r.content['m.relates_to'] : undefined
    if (relation !== undefined) operation.matchesDuplicate = (event) => sameRelation(event, relation)
    return this.perform(operation)
  }

  /** Carries out an operation: scan when in doubt, then the request, then each repair at most once. Never throws. */
  async perform(op: Operation): Promise<MatrixOutcome> {
    try {
      const device = this.#deps.devices.known(op.actor.user) ?? (await this.#prepare(op.actor))
      if (!isDevice(device)) return this.#refusal(device, op)
      if (op.attempts > 0 && this.#inDoubt(op, device)) {
        const found = await this.#scan(op)
        if (found !== undefined) return found
      }
      const repaired = new Set<Verdict['kind']>()
      for (;;) {
        const verdict = await settle(op.call())
        if (verdict.kind === 'ok') {
          const id = verdict.body['event_id']
          if (typeof id === 'string') return { kind: 'delivered', eventId: matrixEventId(id) }
          return { kind: 'retry', why: 'the homeserver gave no event id' }
        }
        if (repaired.has(verdict.kind)) return this.#refusal(verdict, op)
        repaired.add(verdict.kind)
        const final = await this.#repair(verdict, op)
        if (final !== undefined) return final
      }
    } catch (error) {
      return { kind: 'retry', why: messageOf(error) }
    }
  }

  async #prepare(actor: Actor): Promise<Device | Failure> {
    const { ghosts, devices } = this.#deps
    const failure = actor.puppet === undefined ? await ghosts.register(actor.user) : undefined
    if (failure !== undefined) return failure
    const device = await devices.ensure(actor)
    if (isDevice(device) || device.kind !== 'unregistered') return device
    // The book knows the user, the homeserver does not: its database was reset.
    return (await ghosts.register(actor.user, { again: true })) ?? (await devices.ensure(actor))
  }

  #inDoubt(op: Operation, device: Device): boolean {
    if (device.since === undefined || op.firstAttemptAt === undefined) return true
    if (device.since.getTime() > op.firstAttemptAt.getTime()) return true
    return this.#deps.clock.now().getTime() - op.firstAttemptAt.getTime() > DEDUPED_FOR_MS
  }

  /** The outcome, or undefined when the request should be made once more. */
  async #repair(verdict: Failure, op: Operation): Promise<MatrixOutcome | undefined> {
    const { devices, ghosts, membership } = this.#deps
    switch (verdict.kind) {
      case 'unknown-device': {
        await devices.lost(op.actor.user)
        const device = await this.#prepare(op.actor)
        if (!isDevice(device)) return this.#refusal(device, op)
        return op.attempts > 0 ? this.#scan(op) : undefined
      }
      case 'unregistered': {
        if (op.actor.puppet !== undefined || !ghosts.isOwn(op.actor.user)) return this.#refusal(verdict, op)
        const failure = await ghosts.register(op.actor.user, { again: true })
        return failure === undefined ? undefined : this.#refusal(failure, op)
      }
      case 'forbidden': {
        const current = await membership.current(op.room, op.actor)
        if (isVerdict(current)) return this.#refusal(current.kind === 'ok' ? verdict : current, op)
        if (current === 'join') return outcomeOf(verdict)
        const joined = await membership.join(op.room, op.actor, current)
        return joined.kind === 'delivered' ? undefined : joined
      }
      case 'duplicate-annotation': {
        const found = await this.#scan(op, op.matchesDuplicate)
        return found ?? { kind: 'delivered', eventId: matrixEventId(`$${op.txn}`) }
      }
      default:
        return this.#refusal(verdict, op)
    }
  }

  #refusal(verdict: Failure, op: Operation): MatrixOutcome {
    const outcome = outcomeFor(op.actor, verdict)
    if (outcome.kind === 'retry' && (verdict.kind === 'masquerade' || verdict.kind === 'bad-token'))
      this.#deps.onMisconfigured(verdict.why)
    return outcome
  }

  async #scan(op: Operation, matches = op.matches): Promise<MatrixOutcome | undefined> {
    const { client, bot, log } = this.#deps
    const result = await scanRoom(client, bot, { room: op.room, sender: op.actor, type: op.type, matches })
    if (result.kind === 'found') return { kind: 'delivered', eventId: result.eventId satisfies MatrixEventId }
    if (result.kind === 'retry') return result
    if (result.kind === 'rejected' || !result.complete)
      log.warn(
        { txn: op.txn, room: op.room },
        'an interrupted send could not be looked for; it is sent again',
      )
    return undefined
  }
}

function sameRelation(event: FoundEvent, relation: unknown): boolean {
  const own = event.content?.['m.relates_to']
  return part(own, 'event_id') === part(relation, 'event_id') && part(own, 'key') === part(relation, 'key')
}

const part = (value: unknown, name: 'event_id' | 'key'): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
