import type { Clock } from '../model/clock.ts'
import type { MediaContent } from '../model/content.ts'
import { ViaductError, messageOf } from '../model/errors.ts'
import { remoteChatId } from '../model/ids.ts'
import type {
  DeliveryId,
  LoginId,
  MatrixUserId,
  NetworkName,
  RemoteChatId,
  RemoteMessageId,
  RemoteUserId,
} from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { LoginState } from '../model/login.ts'
import type { ChatRef, ConnectorHost, Login, OpenMedia, SessionStore } from '../model/network.ts'
import type { SendOutcome } from '../model/outcome.ts'
import type { RemoteChat, RemoteEvent, RemoteHint } from '../model/remote-event.ts'
import { decrypted } from '../matrix/encrypted-file.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { insertDeliveries, keptProgress, progressUnderWay } from '../store/delivery.ts'
import { showDelivery } from '../store/ledger-view.ts'
import { activeLogins } from '../store/login.ts'
import { knownRemoteIds, newestMessage } from '../store/message.ts'
import { portalsOf } from '../store/portal.ts'
import type { Acceptor } from './accept.ts'
import type { Ephemeral } from './ephemeral.ts'
import type { Lanes } from './lanes.ts'
import type { Links } from './links.ts'
import { LoginStates } from './login-states.ts'
import type { Logins } from './logins.ts'
import { noteDelivery } from './notes.ts'
import { chatOf } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import { settleRemote } from './settle-remote.ts'
import type { Settler } from './settlement.ts'

export type HostDeps = {
  db: Database
  clock: Clock
  log: Logger
  acceptor: Acceptor
  ephemeral: Ephemeral
  portals: Portals
  puppets: Pick<Puppets, 'userIdOf'>
  matrix: Pick<MatrixSide, 'download'>
  links: Links
  logins: Logins
  lanes: () => Lanes
  settler: Settler
  onLogin: (change: { login: number; network: string; state: string; text?: string }) => void
}

/** More lines of ours than any network gives back of one conversation at once. */
const MOST_BEGUN = 2_000

/** What a connector sees of the core. */
export class Host implements ConnectorHost {
  readonly clock: Clock
  readonly log: Logger
  readonly #deps: HostDeps
  readonly #states: LoginStates

  constructor(deps: HostDeps) {
    this.#deps = deps
    this.clock = deps.clock
    this.log = deps.log
    const { db, clock, log, onLogin } = deps
    this.#states = new LoginStates({
      db,
      clock,
      log,
      onLogin,
      tell: (user, text, key) => tellUser(deps, user, text, key),
    })
  }

  accept(events: RemoteEvent[]): Promise<void> {
    return this.#deps.acceptor.accept(events)
  }

  hint(hint: RemoteHint): void {
    this.#deps.ephemeral.show(hint)
  }

  /** From now on what happens to connections is the program's end, and nothing that becomes of logins. */
  stop(): void {
    this.#states.stop()
  }

  loginState(login: LoginId, state: LoginState, text?: string): void {
    this.#states.changed(login, state, text)
  }

  ready(what: { login?: LoginId; chat?: RemoteChatId }): void {
    // Which portals a login serves is the connector's knowledge; an early look at a waiting head costs little.
    if (what.chat === undefined) this.#deps.lanes().nudge('to_remote')
    else void this.#nudgeChat(what.chat).catch(() => {})
  }

  late(delivery: DeliveryId, outcome: SendOutcome): void {
    void this.#settleLate(delivery, outcome).catch((error: unknown) => {
      this.log.warn({ delivery, error: messageOf(error) }, 'late refusal not recorded')
    })
  }

  tell(login: LoginId, text: string, key?: string): Promise<void> {
    return this.#states.tell(login, text, key)
  }

  session(login: LoginId): SessionStore {
    return this.#deps.logins.session(login)
  }

  logins(network: NetworkName): Promise<Login[]> {
    return activeLogins(this.#deps.db, network)
  }

  async chats(network: NetworkName): Promise<ChatRef[]> {
    const portals = await portalsOf(this.#deps.db, network)
    return portals.map((portal) => ({ portal: portal.id, chat: chatOf(portal) }))
  }

  async newest(chat: RemoteChat): Promise<{ id: RemoteMessageId; at: Date } | undefined> {
    const portal = await this.#deps.portals.ofChat(chat)
    const message = await newestMessage(this.#deps.db, portal.id)
    return message && { id: message.remoteId, at: message.at }
  }

  async known(chat: RemoteChat, ids: RemoteMessageId[]): Promise<Set<RemoteMessageId>> {
    const portal = await this.#deps.portals.ofChat(chat)
    return knownRemoteIds(this.#deps.db, portal.id, ids)
  }

  async begun(chat: RemoteChat): Promise<unknown[]> {
    const portal = await this.#deps.portals.ofChat(chat)
    return keptProgress(this.#deps.db, portal.id, MOST_BEGUN)
  }

  ghost(network: NetworkName, user: RemoteUserId): MatrixUserId {
    return this.#deps.puppets.userIdOf(network, user)
  }

  async underWay(chat: RemoteChat): Promise<{ delivery: DeliveryId; progress: unknown }[]> {
    const portal = await this.#deps.portals.ofChat(chat)
    return progressUnderWay(this.#deps.db, portal.id)
  }

  async openMedia({ source, mimeType }: MediaContent): Promise<OpenMedia> {
    if (source.at !== 'matrix') throw new ViaductError('bad_event', 'This file is not on the homeserver.')
    const { mxc, file } = source
    const { stream, sizeBytes, contentType } = await this.#deps.matrix.download(file?.url ?? mxc)
    // An encrypted file is served as bytes of no type; what it is, its event says.
    const type = mimeType ?? (file === undefined ? contentType : undefined)
    return {
      stream: file === undefined ? stream : decrypted(stream, file),
      ...(sizeBytes !== undefined && { sizeBytes }),
      ...(type !== undefined && { mimeType: type }),
    }
  }

  mediaLink(media: MediaContent): string | undefined {
    return this.#deps.links.media(media)
  }

  textLink(text: string): Promise<string | undefined> {
    return this.#deps.links.text(text)
  }

  async #nudgeChat(chat: RemoteChatId): Promise<void> {
    const rows = await this.#deps.db.query<{ id: Parameters<Lanes['wake']>[1] }>(
      'select id from portal where chat_id = $1',
      [chat],
    )
    this.#deps.lanes().nudge(
      'to_remote',
      rows.map((row) => row.id),
    )
  }

  async #settleLate(delivery: DeliveryId, outcome: SendOutcome): Promise<void> {
    if (outcome.kind !== 'rejected') return
    const row = await showDelivery(this.#deps.db, delivery)
    if (!row || row.state !== 'delivered') return
    const portal = await this.#deps.portals.get(row.portal)
    await this.#deps.settler.settle(
      await settleRemote(this.#deps, row, portal, {
        state: 'rejected',
        code: outcome.code,
        text: outcome.why,
      }),
    )
  }
}

let told = 0

/** Puts words into a user's room with the bot, through the ledger like any other message; the same `key` never twice. */
export async function tellUser(
  deps: { db: Database; portals: Portals; clock: Clock; lanes: () => Lanes },
  user: MatrixUserId,
  text: string,
  key?: string,
): Promise<void> {
  const portal = await deps.portals.ofChat({ network: 'viaduct', id: remoteChatId(user), type: 'dm' })
  const at = deps.clock.now()
  const sourceId = key ?? `tell:${at.getTime().toString(36)}:${process.pid}:${++told}`
  const where = { portal: portal.id, sourceId, at }
  const lanes = await insertDeliveries(deps.db, [noteDelivery(where, { kind: 'info', text })])
  for (const lane of lanes) deps.lanes().wake(lane.direction, lane.portal)
}
