import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble } from '../assemble.ts'
import type { Observer, Running } from '../assemble.ts'
import { systemClock } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import type { Logger } from '../model/logger.ts'
import { Database } from '../store/db.ts'
import { startEmbedded } from '../store/embedded/start.ts'
import { migrate } from '../store/migrate.ts'
import { SimHomeserver } from '../../test/sim/homeserver/index.ts'
import type { SimUser } from '../../test/sim/homeserver/index.ts'
import { matrixConfig, registration, SERVER, settings } from './config.ts'
import { freePort } from './free-port.ts'
import { IrcSide } from './irc/side.ts'
import { readSamples } from './samples.ts'
import type { Samples } from './samples.ts'
import type { Side } from './side.ts'
import { Talk } from './talk.ts'
import { TelegramSide } from './telegram/side.ts'

export type WorldOptions = {
  dataDir?: string
  log: Logger
  observer: Partial<Observer>
  /** Something has happened that the observer is not told. */
  changed: () => void
}

/** Matrix, the networks beside it, and the bridge between them, on this machine. */
export type World = {
  homeserver: SimHomeserver
  alice: SimUser
  sides: readonly Side[]
  samples: Samples
  db: Database
  bridge: Running
  /** Where the database is; undefined when it goes away with the demo. */
  keptIn: string | undefined
  stop(): Promise<void>
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const DRAIN_MS = 2_000
const WEEK_MS = 7 * 86_400_000

/** Starts everything and brings Alice to every side. What was started is stopped again when something fails. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const undo: (() => Promise<unknown>)[] = []
  const over = new AbortController()
  const stop = async () => {
    over.abort()
    for (const step of undo.splice(0).toReversed()) await step().catch(() => {})
  }
  // Whoever runs the demo takes signals once it has started; until then a temporary folder would stay behind.
  const interrupted = () => void stop().finally(() => process.exit(130))
  for (const signal of SIGNALS) process.on(signal, interrupted)
  try {
    return { ...(await build(options, undo, over.signal)), stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted)
  }
}

async function build(
  { dataDir, log, observer, changed }: WorldOptions,
  undo: (() => Promise<unknown>)[],
  over: AbortSignal,
): Promise<Omit<World, 'stop'>> {
  const [database, servers] = await Promise.allSettled([
    openDatabase(dataDir, log, undo),
    startServers(changed, undo),
  ])
  if (database.status === 'rejected') throw database.reason
  if (servers.status === 'rejected') throw servers.reason
  const db = database.value
  const { homeserver, sides, samples } = servers.value
  const tokens = { asToken: secret(), hsToken: secret() }
  const port = await freePort()
  const bridge = await assemble({
    db,
    matrix: matrixConfig(homeserver.url, tokens),
    connectors: sides.map(({ connector }) => connector),
    settings,
    listen: { host: '127.0.0.1', port },
    keys: { vault: randomBytes(32), links: randomBytes(32) },
    mediaProxy: { publicUrl: `http://127.0.0.1:${port}`, expiryMs: WEEK_MS },
    nudge: false,
    lockWaitMs: 10_000,
    clock: systemClock,
    log,
    observer,
    onLost: (why) => log.error(why),
  })
  undo.push(() => bridge.stop(DRAIN_MS))
  homeserver.addAppservice(registration(`http://127.0.0.1:${bridge.port}`, tokens))
  const alice = await homeserver.user('alice')
  await alice.setDisplayName('Alice')
  undo.push(acceptInvitations(homeserver, alice))
  const talk = await Talk.begin(homeserver, alice)
  const early = sides.filter(({ isLate }) => isLate !== true)
  for (const side of early) await side.welcome(talk)
  const rooms = 1 + early.reduce((sum, { places }) => sum + places.length, 0)
  await talk.until(() => joinedRooms(homeserver, alice).length >= rooms, "Alice's rooms")
  void welcomeLate(sides, talk, (why) => {
    if (!over.aborted) log.warn(why, 'demo: Alice is not on this network')
  })
  return { homeserver, alice, sides, samples, db, bridge, keptIn: dataDir }
}

/** What takes its time goes on while people look at the rest. */
async function welcomeLate(
  sides: readonly Side[],
  talk: Talk,
  failed: (why: { side: string; error: string }) => void,
): Promise<void> {
  for (const side of sides.filter(({ isLate }) => isLate === true)) {
    try {
      await side.welcome(talk)
    } catch (error) {
      failed({ side: side.id, error: messageOf(error) })
    }
  }
}

/** The homeserver and the networks beside it; they take as long as the database, so both are started at once. */
async function startServers(
  changed: () => void,
  undo: (() => Promise<unknown>)[],
): Promise<Pick<World, 'homeserver' | 'sides' | 'samples'>> {
  const homeserver = await SimHomeserver.start({ serverName: SERVER })
  undo.push(() => homeserver.close())
  const samples = await readSamples()
  const sides: Side[] = []
  const starts = [
    () => IrcSide.start(),
    () => TelegramSide.start(samples, changed),
    // Its library is the heaviest: the others are up before it is loaded, and the database still starts.
    async () => (await import('./whatsapp/side.ts')).WhatsAppSide.start(samples, changed),
  ]
  for (const start of starts) {
    const side = await start()
    undo.push(() => side.stop())
    sides.push(side)
  }
  return { homeserver, sides, samples }
}

/** The rooms that Alice is in. */
export const joinedRooms = (homeserver: SimHomeserver, { userId }: SimUser): string[] =>
  homeserver.roomIds().filter((room) => homeserver.members(room).includes(userId))

/** Joins whatever Alice is invited to, as the page has no list of invitations. */
function acceptInvitations(homeserver: SimHomeserver, alice: SimUser): () => Promise<void> {
  const off = homeserver.onEvent(({ type, room_id: room, state_key: key, content }) => {
    if (type !== 'm.room.member' || key !== alice.userId || content['membership'] !== 'invite') return
    queueMicrotask(() => void alice.join(room).catch(() => {}))
  })
  return async () => off()
}

/**
 * A database of this run alone: the homeserver and the servers beside it forget everything when they end, so an older ledger
 * would speak of rooms that are no more. It is kept to be looked at when a folder is given.
 */
async function openDatabase(
  dataDir: string | undefined,
  log: Logger,
  undo: (() => Promise<unknown>)[],
): Promise<Database> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'viaduct-demo-')))
  if (dataDir === undefined) {
    undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
    // The account that runs the server when we are root has to pass through.
    await chmod(folder, 0o711)
  } else await mkdir(folder, { recursive: true })
  const server = await startEmbedded({
    dataDir: join(folder, 'postgres'),
    log: (line) => log.info(line),
    unsafeNoSync: dataDir === undefined,
  })
  undo.push(() => server.stop())
  const name = `demo_${new Date().toISOString().replace(/\D/g, '').slice(0, 17)}`
  const admin = await Database.open({ connection: server.connection, poolSize: 1 })
  undo.push(() => admin.close())
  await admin.query(`create database ${name}`)
  await admin.close()
  const connection = { ...server.connection, database: name }
  const db = await Database.open({ connection, poolSize: 10, log: (line) => log.debug(line) })
  undo.push(() => db.close())
  await migrate(db)
  return db
}

const secret = (): string => randomBytes(24).toString('base64url')
