import { deliveryId, matrixRoomId, matrixUserId } from '../../../src/model/ids.ts'
import type { MatrixRoomId, MatrixUserId, MxcUri } from '../../../src/model/ids.ts'
import { systemClock } from '../../../src/model/clock.ts'
import type { Clock } from '../../../src/model/clock.ts'
import type { Logger } from '../../../src/model/logger.ts'
import { MatrixSide } from '../../../src/matrix/index.ts'
import type { Books, MatrixConfig, MatrixSend, RequestInfo } from '../../../src/matrix/index.ts'
import { SimHomeserver } from '../../sim/homeserver/index.ts'
import type { SimHomeserverOptions } from '../../sim/homeserver/index.ts'

export const AS_TOKEN = 'as-token-that-no-log-may-show'
export const HS_TOKEN = 'hs-token-that-no-log-may-show'
export const PUPPET_TOKEN = 'puppet-token-that-no-log-may-show'

/** A clock that also runs when told to. */
export class ShiftedClock implements Clock {
  #shiftMs = 0
  now = () => new Date(Date.now() + this.#shiftMs)
  after = (ms: number, fn: () => void) => systemClock.after(ms, fn)
  forward(ms: number): void {
    this.#shiftMs += ms
  }
}

/** Everything that was logged, as one text. */
export class LogText implements Logger {
  text = ''
  debug = (...parts: unknown[]) => this.#add(parts)
  info = (...parts: unknown[]) => this.#add(parts)
  warn = (...parts: unknown[]) => this.#add(parts)
  error = (...parts: unknown[]) => this.#add(parts)
  child = () => this
  #add(parts: unknown[]): void {
    this.text += `${JSON.stringify(parts)}\n`
  }
}

export class MemoryBooks implements Books {
  readonly deviceDates = new Map<string, Date>()
  readonly ghostIds = new Set<string>()
  readonly mediaRows = new Map<string, { mxc: MxcUri; uploaded: boolean }>()
  readonly devices = {
    createdAt: async (user: MatrixUserId) => this.deviceDates.get(user),
    record: async (user: MatrixUserId, at: Date) => void this.deviceDates.set(user, at),
    forget: async (user: MatrixUserId) => void this.deviceDates.delete(user),
  }
  readonly ghosts = {
    isRegistered: async (user: MatrixUserId) => this.ghostIds.has(user),
    registered: async (user: MatrixUserId) => void this.ghostIds.add(user),
  }
  readonly media = {
    find: async (key: string) => this.mediaRows.get(key),
    reserve: async (key: string, mxc: MxcUri) => void this.mediaRows.set(key, { mxc, uploaded: false }),
    uploaded: async (key: string) => {
      const row = this.mediaRows.get(key)
      if (row !== undefined) row.uploaded = true
    },
  }
}

export const configFor = (homeserverUrl: string): MatrixConfig => ({
  homeserverUrl,
  serverName: 'sim.local',
  asToken: AS_TOKEN,
  hsToken: HS_TOKEN,
  appserviceId: 'viaduct',
  senderLocalpart: '_viaduct_as_1',
  botLocalpart: 'bridgebot',
  userPrefix: '_',
  deviceId: 'VIADUCT',
  connections: 8,
  requestTimeoutMs: 10_000,
  doublePuppet: { asToken: PUPPET_TOKEN, id: 'puppets' },
})

export type World = {
  hs: SimHomeserver
  side: MatrixSide
  books: MemoryBooks
  clock: ShiftedClock
  log: LogText
  requests: RequestInfo[]
  /** Another process on the same database, with nothing in its memory. */
  again(): Promise<MatrixSide>
  close(): Promise<void>
}

/** A homeserver with both registrations, and a Matrix side for it. */
export async function world(options: SimHomeserverOptions = {}): Promise<World> {
  const hs = await SimHomeserver.start({
    ...options,
    appservices: [
      {
        id: 'viaduct',
        url: null,
        asToken: AS_TOKEN,
        hsToken: HS_TOKEN,
        senderLocalpart: '_viaduct_as_1',
        userRegexes: ['@_(irc|telegram|whatsapp)_.*:sim.local', '@bridgebot:sim.local'],
        aliasRegexes: ['#_(irc|telegram|whatsapp)_.*:sim.local'],
      },
      {
        id: 'puppets',
        url: null,
        asToken: PUPPET_TOKEN,
        hsToken: 'unused',
        senderLocalpart: '_puppets_as',
        userRegexes: ['@[a-z]*:sim.local'],
        aliasRegexes: [],
      },
    ],
  })
  const [books, clock, log] = [new MemoryBooks(), new ShiftedClock(), new LogText()]
  const requests: RequestInfo[] = []
  const sides: MatrixSide[] = []
  const again = async () => {
    const onRequest = (info: RequestInfo) => void requests.push(info)
    const side = await MatrixSide.create(configFor(hs.url), { books, clock, log, onRequest })
    sides.push(side)
    return side
  }
  const side = await again()
  const close = async () => {
    for (const one of sides) await one.close()
    await hs.close()
  }
  return { hs, side, books, clock, log, requests, again, close }
}

export const ghost = (nick: string): MatrixUserId => matrixUserId(`@_irc_${nick}:sim.local`)

/** A portal with the person, and nobody else but the bot. */
export async function portal(
  side: MatrixSide,
  person?: string,
  alias = '_irc_portal',
): Promise<MatrixRoomId> {
  const invite = person === undefined ? [] : [matrixUserId(person)]
  const outcome = await side.createRoom({ alias, invite, direct: false, powerUsers: {} })
  if (outcome.kind !== 'delivered') throw new Error(`no portal: ${outcome.why}`)
  return matrixRoomId(outcome.room)
}

export const text = (room: MatrixRoomId, as: MatrixUserId, delivery: number, body: string): MatrixSend => ({
  delivery: deliveryId(delivery),
  room,
  as,
  type: 'm.room.message',
  content: { msgtype: 'm.text', body },
  attempts: 0,
})

/** The bodies of a room's messages, in order. */
export const bodies = (hs: SimHomeserver, room: string): unknown[] =>
  hs
    .timeline(room)
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => content['body'])
