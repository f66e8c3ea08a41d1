import { serverOf } from '../model/ids.ts'
import type { MatrixRoomId, NetworkName } from '../model/ids.ts'
import type { Login } from '../model/network.ts'
import { portalAlias } from '../matrix/localpart.ts'
import type { MatrixOutcome, MatrixSide, RoomOutcome } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import type { Portal } from '../store/portal.ts'
import { insertSpace, spaceOf } from '../store/space.ts'
import type { Attendance } from './attendance.ts'
import { PROTOCOL_NAMES } from './portal-rooms.ts'
import type { PortalRooms } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { BridgeSettings } from './settings.ts'

export type SpacesDeps = {
  db: Database
  matrix: MatrixSide
  portals: Portals
  rooms: PortalRooms
  attendance: Attendance
  settings: BridgeSettings
}

type Waits = Extract<MatrixOutcome, { kind: 'retry' }>

/**
 * Puts rooms into spaces: those of each login into one of its own, where the admin wants such, and the topics of a forum into
 * that of the forum. A room that cannot be put there is still a room, so a refusal is passed over.
 */
export class Spaces {
  readonly #deps: SpacesDeps

  constructor(deps: SpacesDeps) {
    this.#deps = deps
  }

  /** @returns an outcome only where the homeserver has to be waited for */
  async place(portal: Portal, room: MatrixRoomId): Promise<Waits | undefined> {
    const { attendance, settings } = this.#deps
    if (portal.network === 'viaduct') return undefined
    const done = portal.settings.spaces ?? []
    if (portal.parentId !== null && !done.includes(FORUM)) {
      const waits = await this.#underForum(portal, room)
      if (waits) return waits
    }
    if (settings.spaces?.includes(portal.network) !== true || (await this.#isTopic(portal))) return undefined
    for (const login of await attendance.logins(portal)) {
      if (done.includes(keyOf(login))) continue
      const waits = await this.#underLogin(portal, room, login)
      if (waits) return waits
    }
    return undefined
  }

  async #underForum(portal: Portal, room: MatrixRoomId): Promise<Waits | undefined> {
    const { portals, rooms, attendance, matrix, settings } = this.#deps
    if (portal.parentId === null || portal.network === 'viaduct') return undefined
    const name = portal.parentName === null ? {} : { name: portal.parentName }
    let forum = await portals.ofChat({ network: portal.network, id: portal.parentId, type: 'group', ...name })
    // A room cannot become a space: a group that was bridged before it became a forum keeps its room beside the topics.
    if (forum.roomId === null && forum.settings.space !== true)
      forum = await portals.update(forum, { settings: { ...forum.settings, space: true } })
    if (forum.settings.space !== true) return this.#note(portal, FORUM)
    const space = await rooms.ensure(forum)
    if (space.kind === 'retry') return space
    if (space.kind === 'rejected') return this.#note(portal, FORUM)
    const gathered = await attendance.gather(forum, space.room)
    if (gathered?.kind === 'retry') return gathered
    const waits = (await this.place(forum, space.room)) ?? (await this.#add(space.room, room))
    if (waits) return waits
    const parent = { room, as: settings.bot, type: 'm.space.parent', key: space.room }
    const told = await matrix.state({ ...parent, content: { via: [settings.serverName], canonical: true } })
    return told.kind === 'retry' ? told : this.#note(portal, FORUM)
  }

  /** What is in a space of a login by way of its forum is not there a second time. */
  async #isTopic({ network, parentId }: Portal): Promise<boolean> {
    if (parentId === null) return false
    const forum = await this.#deps.portals.ofChatIfKnown({ network, id: parentId, type: 'group' })
    return forum?.settings.space === true
  }

  async #underLogin(portal: Portal, room: MatrixRoomId, login: Login): Promise<Waits | undefined> {
    const space = await this.#spaceOf(login)
    if (space.kind === 'retry') return space
    const waits = space.kind === 'delivered' ? await this.#add(space.room, room) : undefined
    return waits ?? this.#note(portal, keyOf(login))
  }

  async #spaceOf(login: Login): Promise<RoomOutcome> {
    const { db, matrix, settings } = this.#deps
    const key = keyOf(login)
    const known = await spaceOf(db, key)
    if (known) return { kind: 'delivered', room: known }
    const made = await matrix.createRoom({
      type: 'm.space',
      alias: portalAlias(settings.userPrefix, login.network, 'space', login.id),
      name: `${PROTOCOL_NAMES[login.network]} (${login.name})`,
      topic: `Conversations of ${login.name}`,
      invite: [login.owner],
      direct: false,
      powerUsers: {},
      ...(settings.roomVersion !== undefined && { version: settings.roomVersion }),
    })
    if (made.kind !== 'delivered') return made
    await insertSpace(db, key, made.room)
    if (settings.doublePuppet)
      await matrix.membership({ room: made.room, user: login.owner, action: 'join', puppet: 'double' })
    return made
  }

  async #add(space: MatrixRoomId, room: MatrixRoomId): Promise<Waits | undefined> {
    const { matrix, settings } = this.#deps
    const content = { via: [serverOf(settings.bot)] }
    const added = await matrix.state({
      room: space,
      as: settings.bot,
      type: 'm.space.child',
      key: room,
      content,
    })
    return added.kind === 'retry' ? added : undefined
  }

  async #note(portal: Portal, key: string): Promise<undefined> {
    const { portals } = this.#deps
    const present = await portals.get(portal.id)
    const spaces = [...new Set([...(present.settings.spaces ?? []), key])]
    await portals.update(present, { settings: { ...present.settings, spaces } })
    return undefined
  }
}

const FORUM = 'forum'
const keyOf = (login: { id: number; network: NetworkName }): string => `login/${login.network}/${login.id}`
