import type { Appservice } from './appservice.ts'
import { badJson, exclusive, forbidden, MatrixError, notFound } from './errors.ts'
import type { EventLog } from './event-log.ts'
import { powerOf } from './power.ts'
import type { Requester } from './types.ts'

/** Room aliases. */
export class Directory {
  readonly #serverName: string
  readonly #log: EventLog
  readonly #appservices: () => Iterable<Appservice>
  readonly #entries = new Map<string, { roomId: string; creator: string }>()

  constructor(serverName: string, log: EventLog, appservices: () => Iterable<Appservice>) {
    this.#serverName = serverName
    this.#log = log
    this.#appservices = appservices
  }

  alias(localpart: string): string {
    return `#${localpart}:${this.#serverName}`
  }

  find(alias: string): string | undefined {
    return this.#entries.get(alias)?.roomId
  }

  aliasesOf(roomId: string): string[] {
    return [...(this.#log.rooms.get(roomId)?.aliases ?? [])]
  }

  /** Throws unless the requester may use this alias: an appservice only its own, others none of an appservice. */
  assertMayUse(alias: string, requester: Requester): void {
    if (!/^#[^:\s]+:./.test(alias)) throw badJson('Invalid room alias')
    const { appservice } = requester
    if (appservice !== null && !appservice.ownsAlias(alias)) {
      throw exclusive('This application service has not reserved this kind of alias.')
    }
    for (const other of this.#appservices()) {
      if (other !== appservice && other.exclusive && other.ownsAlias(alias)) {
        throw exclusive('This alias is reserved by an application service.')
      }
    }
  }

  /** Throws 409 if the alias exists. The room need not exist yet: createRoom writes the alias first. */
  add(alias: string, roomId: string, requester: Requester): void {
    if (this.#entries.has(alias))
      throw new MatrixError(409, 'M_UNKNOWN', `Room alias ${alias} already exists`)
    this.#entries.set(alias, { roomId, creator: requester.userId })
    this.#log.rooms.get(roomId)?.aliases.add(alias)
  }

  put(alias: string, roomId: string, requester: Requester): void {
    this.assertMayUse(alias, requester)
    if (!this.#log.rooms.has(roomId)) throw new MatrixError(400, 'M_UNKNOWN', 'Room does not exist')
    this.add(alias, roomId, requester)
  }

  delete(alias: string, requester: Requester): void {
    const entry = this.#entries.get(alias)
    if (entry === undefined) throw notFound('Room alias not found')
    if (requester.appservice !== null) this.assertMayUse(alias, requester)
    else if (entry.creator !== requester.userId) this.#assertPower(entry.roomId, requester.userId)
    this.#entries.delete(alias)
    this.#log.rooms.get(entry.roomId)?.aliases.delete(alias)
  }

  #assertPower(roomId: string, userId: string): void {
    const room = this.#log.rooms.get(roomId)
    if (room !== undefined && powerOf(room, userId) >= 50) return
    throw forbidden("You don't have permission to delete the alias.")
  }
}
