import { ViaductError } from '../model/errors.ts'
import type { MatrixUserId, NetworkName, RemoteUserId } from '../model/ids.ts'
import { isNameReader } from '../model/network.ts'
import type { Connector } from '../model/network.ts'
import type { RemoteUser } from '../model/remote-event.ts'
import { ghostUserId } from '../matrix/localpart.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { ghostOfUser, markGhost, upsertGhost } from '../store/ghost.ts'
import type { Ghost } from '../store/ghost.ts'
import type { Portraits } from './portraits.ts'
import type { BridgeSettings } from './settings.ts'

const CACHED_GHOSTS = 50_000

/** The Matrix users that stand for people of the networks: one for each person, whatever they are called today. */
export class Puppets {
  readonly #db: Database
  readonly #matrix: MatrixSide
  readonly #settings: BridgeSettings
  readonly #connectors: ReadonlyMap<NetworkName, Connector>
  readonly #portraits: Portraits
  readonly #ghosts = new Map<string, Ghost>()

  constructor(deps: {
    db: Database
    matrix: MatrixSide
    settings: BridgeSettings
    connectors: ReadonlyMap<NetworkName, Connector>
    portraits: Portraits
  }) {
    this.#db = deps.db
    this.#matrix = deps.matrix
    this.#settings = deps.settings
    this.#connectors = deps.connectors
    this.#portraits = deps.portraits
  }

  /** The ghost of a person, registered and named on the homeserver. @throws what the homeserver answered */
  async ensure(network: NetworkName, user: RemoteUser): Promise<Ghost> {
    const ghost = await this.ghostOf(network, user)
    const name = this.publicName(ghost)
    if (ghost.registeredAt === null || ghost.syncedName !== name) {
      let outcome = await this.#matrix.ensureGhost(ghost.userId, { name })
      // One that was registered before has its profile from then.
      if (outcome.kind === 'delivered' && ghost.registeredAt !== null)
        outcome = await this.#matrix.setProfile(ghost.userId, { name })
      if (outcome.kind === 'retry') throw new ViaductError('homeserver_down', outcome.why)
      if (outcome.kind === 'rejected') throw new ViaductError('homeserver_refused', outcome.why)
      // Before somebody new is seen anywhere their picture may come, or it would be news in every room once more.
      const fresh = ghost.registeredAt === null
      const registeredAt = ghost.registeredAt ?? new Date()
      await markGhost(this.#db, ghost.userId, { registeredAt, syncedName: name })
      ghost.registeredAt = registeredAt
      ghost.syncedName = name
      if (fresh) await this.#portraits.showSoon(network, ghost, user.avatar)
    }
    this.#portraits.show(network, ghost, user.avatar)
    return ghost
  }

  /** The ghost's row, made when the person is new; nothing is asked of the homeserver. */
  async ghostOf(network: NetworkName, user: RemoteUser): Promise<Ghost> {
    const key = `${network}\n${user.id}`
    const cached = this.#ghosts.get(key)
    const { name = cached?.name, handle = cached?.handle } = user
    if (cached && name === cached.name && handle === cached.handle && user.aliases === undefined)
      return cached
    const { ghost, merged } = await upsertGhost(this.#db, {
      network,
      remoteId: user.id,
      userId: this.userIdOf(network, user.id),
      ...(user.aliases && { aliases: user.aliases }),
      ...(user.name !== undefined && { name: user.name }),
      ...(user.handle !== undefined && { handle: user.handle }),
    })
    for (const other of merged) this.#absorb(other, ghost)
    // Whoever is known by several ids has one row here too, so that a new name counts for all of them.
    const same = this.#ghosts.get(`${network}\n${ghost.remoteId}`)
    const kept = same ? Object.assign(same, ghost) : ghost
    if (this.#ghosts.size >= CACHED_GHOSTS) this.#ghosts.delete(this.#ghosts.keys().next().value ?? '')
    this.#ghosts.set(key, kept)
    return kept
  }

  /** Two were one person: whoever goes on takes the other's place, wherever that one is. */
  #absorb(other: Ghost, ghost: Ghost): void {
    for (const [key, { id }] of this.#ghosts) if (id === other.id) this.#ghosts.delete(key)
    void this.#replace(other.userId, ghost.userId).catch(() => {
      // Where it could not be done, the next list of members does it.
    })
  }

  async #replace(other: MatrixUserId, ghost: MatrixUserId): Promise<void> {
    const reason = 'is the same person under another id'
    for (const room of await this.#matrix.joinedRooms(other)) {
      const joined = await this.#matrix.ensureJoined(room, ghost)
      if (joined.kind !== 'delivered') continue
      await this.#matrix.membership({ room, user: other, action: 'leave', reason })
    }
  }

  /** The user id that a new ghost for this person gets. */
  userIdOf(network: NetworkName, id: RemoteUserId): MatrixUserId {
    const localpart = this.#connectors.get(network)?.ghostLocalpart(id) ?? id
    return ghostUserId(this.#settings.userPrefix, network, localpart, this.#settings.serverName)
  }

  /** The person behind a ghost, also when the ghost was never made: its id says who it would be. */
  async personBehind(user: MatrixUserId): Promise<Ghost | undefined> {
    if (!this.isGhost(user)) return undefined
    return (await ghostOfUser(this.#db, user)) ?? this.#imagined(user)
  }

  async #imagined(user: MatrixUserId): Promise<Ghost | undefined> {
    for (const connector of this.#connectors.values()) {
      const prefix = `@${this.#settings.userPrefix}${connector.network}_`
      if (!user.startsWith(prefix) || !isNameReader(connector)) continue
      const id = connector.readGhost(user.slice(prefix.length, -this.#settings.serverName.length - 1))
      if (id && this.userIdOf(connector.network, id) === user) return this.ghostOf(connector.network, { id })
    }
    return undefined
  }

  isGhost(user: string): boolean {
    if (!user.endsWith(`:${this.#settings.serverName}`)) return false
    return [...this.#connectors.keys()].some((network) =>
      user.startsWith(`@${this.#settings.userPrefix}${network}_`),
    )
  }

  isOurs(user: string): boolean {
    return user === this.#settings.bot || this.isGhost(user)
  }

  /** What everybody sees: never a name of somebody's address book. */
  publicName(ghost: Ghost): string {
    const name = ghost.name ?? ghost.handle ?? bareId(ghost.remoteId)
    return this.#settings.displaynameTemplate
      .replaceAll('{name}', name)
      .replaceAll('{network}', ghost.network)
  }
}

/** A person's id without what goes before it: the network of an IRC nick, the kind of a number of Telegram. */
export const bareId = (id: RemoteUserId): string => id.replace(/^(?:[^/]*\/|[a-z]+:)/, '')
