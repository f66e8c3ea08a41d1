import { ViaductError } from '../model/errors.ts'
import { matrixUserId } from '../model/ids.ts'
import type { NetworkName } from '../model/ids.ts'
import { isNameReader, isRelay } from '../model/network.ts'
import type { Connector, NameReader } from '../model/network.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { PortalRooms } from './portal-rooms.ts'
import { PROTOCOL_NAMES } from './portal-rooms.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import type { BridgeSettings } from './settings.ts'

export type DirectoryDeps = {
  matrix: MatrixSide
  portals: Portals
  puppets: Puppets
  rooms: PortalRooms
  connectors: ReadonlyMap<NetworkName, Connector>
  settings: BridgeSettings
}

/** Answers what a homeserver asks about users, aliases and networks that it does not know yet. */
export class Directory {
  readonly #deps: DirectoryDeps

  constructor(deps: DirectoryDeps) {
    this.#deps = deps
  }

  /** Makes the ghost of a person who is asked for by id. @returns whether there is such a user now */
  async user(id: string): Promise<boolean> {
    const { puppets, settings, matrix } = this.#deps
    if (id === settings.bot)
      return (await matrix.ensureGhost(settings.bot, { name: 'Viaduct' })).kind === 'delivered'
    const person = await puppets.personBehind(matrixUserId(id))
    if (!person) return false
    await puppets.ensure(person.network, { id: person.remoteId })
    return true
  }

  /** Leads an alias to a conversation that is bridged already, or that the shared connection is in. */
  async room(alias: string): Promise<boolean> {
    const { portals, rooms, matrix, connectors, settings } = this.#deps
    if (!alias.endsWith(`:${settings.serverName}`)) return false
    for (const connector of connectors.values()) {
      const prefix = `#${settings.userPrefix}${connector.network}_`
      if (!alias.startsWith(prefix) || !isNameReader(connector)) continue
      const chat = connector.readAlias(alias.slice(prefix.length, -settings.serverName.length - 1))
      if (!chat) continue
      const shared = isRelay(connector) && connector.canRelay(chat)
      const portal = await portals.ofChatIfKnown(chat)
      if (!portal?.roomId && !shared) return false
      const room = await rooms.ensure(portal ?? (await portals.ofChat(chat)))
      return room.kind === 'room' && (await matrix.alias(alias, room.room)).kind === 'delivered'
    }
    return false
  }

  /** The third-party networks API of the specification. @returns undefined for what there is not */
  async thirdparty(
    kind: 'protocol' | 'user' | 'location',
    protocol: string | undefined,
    params: URLSearchParams,
  ): Promise<unknown> {
    if (protocol === undefined) return []
    const connector = [...this.#deps.connectors.values()].find((c) => c.network === protocol)
    if (!connector || !isNameReader(connector)) return undefined
    if (kind === 'protocol') return describe(connector)
    const instance = params.get('network') ?? connector.instances()[0]?.id ?? ''
    const name = params.get(kind === 'user' ? 'nickname' : 'channel')
    if (name === null) return []
    return kind === 'user'
      ? this.#users(connector, instance, name)
      : this.#locations(connector, instance, name)
  }

  #users(connector: Connector & NameReader, instance: string, nickname: string): unknown[] {
    const { puppets } = this.#deps
    try {
      const id = connector.readGhost(`${instance}_${nickname.toLowerCase()}`)
      if (!id) return []
      const fields = { network: instance, nickname }
      return [{ userid: puppets.userIdOf(connector.network, id), protocol: connector.network, fields }]
    } catch (error) {
      if (error instanceof ViaductError) return []
      throw error
    }
  }

  #locations(connector: Connector & NameReader, instance: string, channel: string): unknown[] {
    const { settings } = this.#deps
    const chat = connector.readAlias(`${instance}_${escapeForAlias(channel.toLowerCase())}`)
    if (!chat) return []
    const localpart = `${settings.userPrefix}${connector.network}_${connector.aliasLocalpart(chat.id)}`
    const fields = { network: instance, channel }
    return [{ alias: `#${localpart}:${settings.serverName}`, protocol: connector.network, fields }]
  }
}

/** Localparts hold `=` and two hexadecimal digits for every other byte. */
const escapeForAlias = (name: string): string =>
  [...Buffer.from(name)]
    .map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : `=${byte.toString(16).padStart(2, '0')}`))
    .join('')

const isPlain = (byte: number) => /[a-z0-9.-]/.test(String.fromCharCode(byte))

function describe(connector: Connector & NameReader): unknown {
  const icon = ''
  return {
    user_fields: ['network', 'nickname'],
    location_fields: ['network', 'channel'],
    icon,
    field_types: {
      network: { regexp: '[^/ ]+', placeholder: 'libera' },
      nickname: { regexp: '[^#&+ ][^ ]*', placeholder: 'alice' },
      channel: { regexp: '[#&+][^ ,]+', placeholder: '#matrix' },
    },
    instances: connector.instances().map(({ id, name }) => ({
      network_id: id,
      desc: `${PROTOCOL_NAMES[connector.network]}: ${name}`,
      icon,
      fields: { network: id },
    })),
  }
}
