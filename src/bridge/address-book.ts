import type { LoginId, MatrixRoomId, NetworkName } from '../model/ids.ts'
import type { Connector } from '../model/network.ts'
import type { RemoteUser } from '../model/remote-event.ts'
import type { MatrixOutcome, MatrixSide } from '../matrix/index.ts'
import { contactOf, markContact, setContactName } from '../store/contact.ts'
import type { Contact } from '../store/contact.ts'
import type { Database } from '../store/db.ts'
import type { Ghost } from '../store/ghost.ts'
import type { Portal } from '../store/portal.ts'
import type { StoredRemoteEvent } from './accept.ts'
import { chatOf, partnerOf } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'

const CACHED = 20_000

/** A direct chat whose room may not show the name that its owner knows. */
export type Unnamed = { portal: Portal; receiver: LoginId; ghost: Ghost; contact: Contact | undefined }

/**
 * Shows each user their contacts under the names of their own address book: in the name of a direct chat's room and in
 * the ghost's name there. Everywhere else a ghost has the public name, so that no address book leaks into another.
 */
export class AddressBook {
  readonly #db: Database
  readonly #matrix: MatrixSide
  readonly #portals: Portals
  readonly #puppets: Puppets
  readonly #connectors: ReadonlyMap<NetworkName, Connector>
  readonly #contacts = new Map<string, Contact | undefined>()

  constructor(deps: {
    db: Database
    matrix: MatrixSide
    portals: Portals
    puppets: Puppets
    connectors: ReadonlyMap<NetworkName, Connector>
  }) {
    this.#db = deps.db
    this.#matrix = deps.matrix
    this.#portals = deps.portals
    this.#puppets = deps.puppets
    this.#connectors = deps.connectors
  }

  /** Keeps the names that an event of a direct chat brings. @returns the portal with the name that its room shall have */
  async learn(portal: Portal, event: StoredRemoteEvent | undefined): Promise<Portal> {
    if (portal.receiver === null || portal.network === 'viaduct') return portal
    // Who begins a chat from their own phone says nothing of whom it is with; the connector knows.
    const contact =
      portal.roomId === null
        ? this.#connectors.get(portal.network)?.describe(chatOf(portal)).contact
        : undefined
    const people = [...(contact ? [contact] : []), ...(event ? peopleIn(event) : [])]
    for (const user of people) {
      const ghost = await this.#puppets.ghostOf(portal.network, user)
      if (user.contactName !== undefined)
        await this.#keep(portal.receiver, ghost, user.contactName === '' ? null : user.contactName)
    }
    const name = await this.#roomName(portal, portal.receiver)
    return name === undefined || name === portal.name ? portal : { ...portal, name }
  }

  /** Brings the room of a direct chat to the names that are known. @returns an outcome only where it has to wait */
  async show(portal: Portal, room: MatrixRoomId, force = false): Promise<MatrixOutcome | undefined> {
    const found = await this.#find(portal)
    if (!found) return undefined
    const { receiver, ghost, contact } = found
    if (contact && (force || contact.name !== contact.shown)) {
      const name = contact.name ?? this.#puppets.publicName(ghost)
      const outcome = await this.#matrix.roomName(room, ghost.userId, name)
      if (outcome.kind === 'retry') return outcome
      await markContact(this.#db, receiver, ghost.id, contact.name)
      contact.shown = contact.name
    }
    const stored = await this.#portals.get(portal.id)
    const name = await this.#roomName(portal, receiver)
    if (name === undefined || (name === stored.name && !force)) return undefined
    // A room that its user made may not let the bot name it; that is for them to decide.
    const { bot } = this.#matrix
    const named = await this.#matrix.state({ room, as: bot, type: 'm.room.name', key: '', content: { name } })
    if (named.kind === 'retry') return named
    await this.#portals.update(stored, { name })
    return undefined
  }

  /** Whether the room of a direct chat shows its contact under another name than its owner's. */
  async differs(portal: Portal, user: string, shown: string): Promise<boolean> {
    const found = await this.#find(portal)
    const name = found?.contact?.name
    return found?.ghost.userId === user && typeof name === 'string' && name !== shown
  }

  async #find(portal: Portal): Promise<Unnamed | undefined> {
    const { receiver } = portal
    if (receiver === null || portal.network === 'viaduct') return undefined
    const ghost = await this.#puppets.ghostOf(portal.network, { id: partnerOf(portal) })
    return { portal, receiver, ghost, contact: await this.#contact(receiver, ghost) }
  }

  async #roomName(portal: Portal, receiver: LoginId): Promise<string | undefined> {
    const ghost = await this.#puppets.ghostOf(portal.network as NetworkName, { id: partnerOf(portal) })
    return (await this.#contact(receiver, ghost))?.name ?? ghost.name ?? ghost.handle ?? undefined
  }

  async #contact(login: LoginId, ghost: Ghost): Promise<Contact | undefined> {
    const key = `${login}\n${ghost.id}`
    if (this.#contacts.has(key)) return this.#contacts.get(key)
    const found = await contactOf(this.#db, login, ghost.id)
    this.#remember(key, found)
    return found
  }

  async #keep(login: LoginId, ghost: Ghost, name: string | null): Promise<void> {
    const before = await this.#contact(login, ghost)
    if ((before?.name ?? null) === name) return
    await setContactName(this.#db, login, ghost.id, name)
    this.#remember(`${login}\n${ghost.id}`, { name, shown: before?.shown ?? null })
  }

  #remember(key: string, contact: Contact | undefined): void {
    if (this.#contacts.size >= CACHED) this.#contacts.clear()
    this.#contacts.set(key, contact)
  }
}

/** Everybody whom an event describes. */
function peopleIn(event: StoredRemoteEvent): RemoteUser[] {
  const people: RemoteUser[] = event.sender ? [event.sender] : []
  switch (event.kind) {
    case 'membership':
      return [...people, event.user]
    case 'rename':
      return [...people, event.to]
    case 'members':
      return [...people, ...event.users]
    default:
      return people
  }
}
