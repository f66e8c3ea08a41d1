import type { Clock } from '../model/clock.ts'
import { matrixUserId } from '../model/ids.ts'
import type { NetworkName } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import { isRelay } from '../model/network.ts'
import type { ActingUser, Connector, Login, SendRequest } from '../model/network.ts'
import type { SendOutcome } from '../model/outcome.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import type { Delivery, ProgressMark } from '../store/delivery.ts'
import { saveProgress } from '../store/delivery.ts'
import { GroupCommit } from '../store/group-commit.ts'
import { activeLogins, loginsOf } from '../store/login.ts'
import type { Portal } from '../store/portal.ts'
import { fromJsonBytes } from '../store/text.ts'
import { planAction } from './action.ts'
import type { Plan } from './action.ts'
import type { Commands } from './commands/index.ts'
import type { Attempt, Deliverer, Verdict } from './lane.ts'
import type { Names } from './names.ts'
import { mayAtLeast, permissionOf } from './permissions.ts'
import { chatOf } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import type { RoomMembers } from './room-members.ts'
import type { BridgeSettings } from './settings.ts'
import { isSaying } from './stored.ts'
import type { StoredForRemote } from './stored.ts'
import { noteRows, settleRemote } from './settle-remote.ts'
import type { Settlement } from './settlement.ts'

export type ToRemoteDeps = {
  db: Database
  matrix: MatrixSide
  portals: Portals
  puppets: Puppets
  names: Names
  members: RoomMembers
  commands: Commands
  connectors: ReadonlyMap<NetworkName, Connector>
  settings: BridgeSettings
  clock: Clock
  log: Logger
  mediaLink: Parameters<typeof planAction>[0]['mediaLink']
  /** Whether the other direction of a portal still has something on its way. */
  toMatrixBusy(portal: Portal): boolean
}

/** Delivers what Matrix users do to the networks; commands for the bot go the same way and get the same care. */
export class ToRemote implements Deliverer {
  readonly #deps: ToRemoteDeps
  readonly #progress: GroupCommit<ProgressMark, undefined>

  constructor(deps: ToRemoteDeps) {
    this.#deps = deps
    this.#progress = new GroupCommit({
      maxBatch: 100,
      async run(batch) {
        await saveProgress(deps.db, batch)
        return batch.map(() => undefined)
      },
    })
  }

  get maxAgeMs(): number {
    return this.#deps.settings.maxAgeMs
  }

  async attempt(row: Delivery, attempt: Attempt): Promise<Verdict> {
    const { portals, connectors, commands } = this.#deps
    const portal = await portals.get(row.portal)
    const stored = fromJsonBytes(row.body) as StoredForRemote
    if ('event' in stored && (stored.command !== undefined || portal.network === 'viaduct')) {
      const interrupted = row.progress !== null && attempt.inherited
      if (!interrupted) await this.#save(row, { command: true })
      return { kind: 'end', settlement: await commands.run(row, portal, stored, interrupted) }
    }
    const connector = portal.network === 'viaduct' ? undefined : connectors.get(portal.network)
    if (!connector) {
      return this.#end(row, portal, {
        kind: 'rejected',
        code: 'unsupported',
        why: `${portal.network} is not set up`,
      })
    }
    const by = isSaying(stored)
      ? await this.#speaker(portal, connector)
      : await this.#actor(row, portal, connector)
    if ('kind' in by) {
      // Who is not on the network comes into the room and leaves it without anything happening there.
      if (row.kind === 'membership' && 'event' in stored && stored.event.state_key === row.sender)
        return { kind: 'end', settlement: { change: { id: row.id, state: 'delivered' } } }
      return this.#end(row, portal, by)
    }
    const plan = await planAction(this.#deps, { row, portal, connector, by, stored, next: attempt.next })
    if (plan.kind === 'wait') {
      return { kind: 'wait', code: 'waits_for_target', why: plan.why, waitsFor: 'target', afterMs: 200 }
    }
    if (plan.kind === 'settled') {
      const { deliveries = [] } = plan.settlement
      const notes = await noteRows(this.#deps, row, portal, plan.note)
      return { kind: 'end', settlement: { ...plan.settlement, deliveries: [...deliveries, ...notes] } }
    }
    if (plan.kind === 'refused')
      return this.#end(row, portal, { kind: 'rejected', code: plan.code, why: plan.why })
    const outcome = await this.#send(row, portal, connector, by, plan, attempt)
    if (outcome.kind === 'retry') {
      const { why, afterMs, waitsFor } = outcome
      const code = waitsFor === undefined ? 'network_down' : `waits_for_${waitsFor}`
      return {
        kind: 'wait',
        code,
        why,
        ...(afterMs !== undefined && { afterMs }),
        ...(waitsFor && { waitsFor }),
      }
    }
    return this.#end(row, portal, outcome, plan)
  }

  async expire(row: Delivery, why: string): Promise<Settlement> {
    const portal = await this.#deps.portals.get(row.portal)
    return settleRemote(this.#deps, row, portal, { state: 'expired', code: 'too_old', text: why })
  }

  /** Commits what is about to be done, so that after a crash it is known to be in doubt. */
  async #save(row: Delivery, progress: unknown): Promise<void> {
    await this.#progress.push({ id: row.id, progress, at: this.#deps.clock.now() })
  }

  /** What was begun is cleared up first; only then may anything be sent. */
  async #send(
    row: Delivery,
    portal: Portal,
    connector: Connector,
    by: ActingUser,
    plan: Extract<Plan, { kind: 'send' }>,
    attempt: Attempt,
  ): Promise<SendOutcome> {
    const request: SendRequest = {
      delivery: row.id,
      chat: { portal: portal.id, chat: chatOf(portal) },
      by,
      action: plan.action,
      at: row.at,
      save: (progress) => {
        request.progress = progress
        return this.#save(row, progress)
      },
      signal: attempt.signal,
    }
    if (row.progress !== null) {
      request.progress = fromJsonBytes(row.progress)
      const found = await connector.resolve(request)
      if (found.kind !== 'retry' || found.waitsFor !== undefined || found.afterMs !== undefined) return found
    }
    return connector.send(request)
  }

  /** Who acts on the network: the user's own login, else the relay where it is on. */
  async #actor(
    row: Delivery,
    portal: Portal,
    connector: Connector,
  ): Promise<ActingUser | Extract<SendOutcome, { kind: 'rejected' }>> {
    const { db, settings, names } = this.#deps
    const user = matrixUserId(row.sender)
    const chat = chatOf(portal)
    const level = permissionOf(user, settings.permissions)
    if (!mayAtLeast(level, 'relay')) return refused('not_permitted', 'You may not use this bridge.')
    const name = portal.roomId ? await names.ofUser(portal.roomId, user) : user
    const login = await this.#loginFor(db, user, portal, connector)
    if (login && mayAtLeast(level, 'user')) return { user, name, login }
    if (portal.relay && isRelay(connector) && connector.canRelay(chat)) return { user, name }
    return refused(
      'not_logged_in',
      `You are not logged in to ${connector.describe(chat).name}'s network. Say "login ${portal.network}" to the bridge bot, or ask for relay mode in this room.`,
    )
  }

  /** Who says the bridge's own words: the shared connection where there is one, else a login that is in the conversation. */
  async #speaker(
    portal: Portal,
    connector: Connector,
  ): Promise<ActingUser | Extract<SendOutcome, { kind: 'rejected' }>> {
    const { db, settings } = this.#deps
    const chat = chatOf(portal)
    if (isRelay(connector) && connector.canRelay(chat)) return { user: settings.bot, name: '' }
    // Only somebody who is in the conversation: another's account would have to enter it first.
    const there = portal.roomId ? await this.#deps.members.joined(portal.roomId) : new Set<string>()
    const logins = await activeLogins(db, connector.network)
    const login = logins.find((l) =>
      portal.receiver === null ? connector.serves(l, chat) && there.has(l.owner) : l.id === portal.receiver,
    )
    return login
      ? { user: login.owner, name: '', login }
      : refused('not_logged_in', 'Nobody who is here can speak on the network.')
  }

  async #loginFor(
    db: Database,
    user: string,
    portal: Portal,
    connector: Connector,
  ): Promise<Login | undefined> {
    const logins = await loginsOf(db, matrixUserId(user))
    const chat = chatOf(portal)
    return logins.find((login) =>
      portal.receiver === null
        ? login.network === portal.network && connector.serves(login, chat)
        : login.id === portal.receiver,
    )
  }

  async #end(
    row: Delivery,
    portal: Portal,
    outcome: Exclude<SendOutcome, { kind: 'retry' }>,
    plan?: Extract<Plan, { kind: 'send' }>,
  ): Promise<Verdict> {
    const settlement =
      outcome.kind === 'delivered'
        ? await settleRemote(this.#deps, row, portal, { state: 'delivered', outcome, ...(plan && { plan }) })
        : await settleRemote(this.#deps, row, portal, {
            state: outcome.kind,
            code: outcome.kind === 'rejected' ? outcome.code : 'unknown',
            text: outcome.why,
            ...(plan && { plan }),
          })
    return { kind: 'end', settlement }
  }
}

function refused(code: string, why: string): Extract<SendOutcome, { kind: 'rejected' }> {
  return { kind: 'rejected', code, why }
}
