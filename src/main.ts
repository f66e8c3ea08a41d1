import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { assemble } from './assemble.ts'
import type { Running } from './assemble.ts'
import type { Bridge } from './bridge/bridge.ts'
import type { BridgeSettings } from './bridge/settings.ts'
import { databaseUrl, withIrcSecrets, withTelegramSecrets } from './config/index.ts'
import type { Config, Secrets } from './config/index.ts'
import { connectionChecks } from './http/connection-checks.ts'
import { listenFault } from './http/listen-fault.ts'
import { opsHandler } from './http/ops.ts'
import type { Check, OpsHandler } from './http/ops.ts'
import { statusHandler } from './http/status.ts'
import type { MatrixConfig } from './matrix/index.ts'
import { systemClock } from './model/clock.ts'
import { messageOf } from './model/errors.ts'
import { matrixUserId } from './model/ids.ts'
import type { Logger } from './model/logger.ts'
import type { Connector } from './model/network.ts'
import { createConnectors } from './networks/index.ts'
import { Database } from './store/db.ts'
import type { Lane } from './store/delivery.ts'
import { startEmbedded } from './store/embedded/start.ts'
import { Inbox } from './store/inbox.ts'
import { depth } from './store/ledger-view.ts'
import { migrate } from './store/migrate.ts'
import { Metrics } from './telemetry/index.ts'

export type RunningViaduct = {
  /** Where the homeserver reaches us. */
  port: number
  /** Drains, closes, and stops the database when it is ours. */
  stop(): Promise<void>
}

/** The channel on which another program says that it changed the ledger. */
const WAKE_CHANNEL = 'viaduct_wake'

/** A homeserver that was not heard of for this long is not ready. */
const PING_FRESH_MS = 90_000

/** A delivery that has waited for longer than this is shown as something to look at. */
const OLD_MS = 10 * 60_000

/** An earlier process needs about this long to drain and end. */
const LOCK_WAIT_MS = 20_000

/** Starts a Viaduct from its configuration. @throws ViaductError with what to mend */
export async function run(
  config: Config,
  secrets: Secrets,
  options: { log: Logger; onLost?: (why: string) => void },
): Promise<RunningViaduct> {
  const { log } = options
  const store = await openDatabase(config, secrets, log)
  const { db } = store
  const metrics = new Metrics(log)
  let stopping = false
  let running: Running | undefined
  try {
    await migrate(db)
    const telegram = config.telegram && withTelegramSecrets(config.telegram, secrets)
    const { whatsapp } = config
    const networks = {
      irc: withIrcSecrets(config.irc, secrets),
      ...(telegram && { telegram }),
      ...(whatsapp && { whatsapp }),
    }
    const connectors = await createConnectors(networks, metrics)
    const state = {
      live: () => !stopping,
      health: async () => ({ checks: await health(db, running, connectors) }),
    }
    const connections = () =>
      connectors.map((connector) => ({ network: connector.network, status: connector.status() }))
    const ops = opsHandler({ ...(config.metrics.enabled && { metrics }), ...state })
    const status = statusHandler({
      token: config.http.admin ? secrets.adminToken : undefined,
      db,
      clock: systemClock,
      log,
      ...state,
      homeserver: () => running?.bridge.watch.health,
      connections,
      inbox: () => new Inbox(db).lag(),
      changed: (lanes) => running && wake(running.bridge, lanes, log),
    })
    const other: OpsHandler = async (request, response) =>
      (await status(request, response)) || ops(request, response)
    const { listen } = config.http
    running = await assemble({
      db,
      matrix: matrixConfig(config, secrets),
      connectors,
      settings: settingsOf(config, secrets.doublePuppetToken !== undefined),
      listen: config.appservice.listen,
      keys: { vault: secrets.encryptionKey, links: secrets.mediaKey },
      mediaProxy: { publicUrl: config.mediaProxy.publicUrl, expiryMs: config.mediaProxy.expiryMs },
      nudge: config.appservice.nudge,
      lockWaitMs: LOCK_WAIT_MS,
      clock: systemClock,
      log,
      observer: observerOf(metrics),
      ...(listen ? {} : { other }),
      onLost: (why) => {
        log.error(why)
        options.onLost?.(why)
      },
    })
    const started = running
    metrics.observe({
      ledger: () => depth(db),
      inbox: () => started.inbox.lag(),
      connections,
      lanes: () => started.bridge.lanes.count,
    })
    const unlisten = await db.listen(WAKE_CHANNEL, () => wake(started.bridge, [], log))
    const server = listen ? await serveOps(other, listen) : undefined
    log.info({ port: started.port, homeserver: config.homeserver.url }, 'viaduct runs')
    return {
      port: started.port,
      async stop() {
        stopping = true
        unlisten()
        await started.stop(config.shutdown.drainMs)
        server?.close()
        metrics.close()
        await store.close()
      },
    }
  } catch (error) {
    await running?.stop(0).catch(() => {})
    await store.close()
    throw listenFault(error, config)
  }
}

/** The ledger was changed from outside; a lane that is named need not sleep until its head would be tried again. */
function wake(bridge: Bridge, lanes: readonly Lane[], log: Logger): void {
  for (const { direction, portal } of lanes) bridge.lanes.nudge(direction, [portal])
  void bridge.look().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'look failed'))
}

async function openDatabase(
  config: Config,
  secrets: Secrets,
  log: Logger,
): Promise<{ db: Database; close(): Promise<void> }> {
  const { url, dataDir, poolSize } = config.database
  const say = (line: string) => log.warn(line)
  if (url !== undefined) {
    const db = await Database.open({ url: databaseUrl(url, secrets), poolSize, owner: true, log: say })
    return { db, close: () => db.close() }
  }
  const embedded = await startEmbedded({ dataDir: join(dataDir, 'postgres'), log: (line) => log.info(line) })
  const db = await Database.open({ connection: embedded.connection, poolSize, owner: true, log: say })
  return {
    db,
    async close() {
      await db.close()
      await embedded.stop()
    },
  }
}

function matrixConfig(config: Config, secrets: Secrets): Omit<MatrixConfig, 'instance'> {
  const { homeserver, appservice } = config
  const token = secrets.doublePuppetToken
  return {
    homeserverUrl: homeserver.url,
    serverName: homeserver.serverName,
    asToken: secrets.asToken,
    hsToken: secrets.hsToken,
    appserviceId: appservice.id,
    senderLocalpart: appservice.senderLocalpart,
    botLocalpart: appservice.botLocalpart,
    userPrefix: appservice.userPrefix,
    deviceId: appservice.deviceId,
    connections: homeserver.connections,
    requestTimeoutMs: homeserver.requestTimeoutMs,
    mediaLimitBytes: homeserver.mediaLimitBytes,
    ...(token !== undefined && { doublePuppet: { asToken: token, id: appservice.doublePuppetId } }),
  }
}

function settingsOf(config: Config, doublePuppet: boolean): BridgeSettings {
  const { homeserver, appservice, bridge } = config
  return {
    serverName: homeserver.serverName,
    userPrefix: appservice.userPrefix,
    commandPrefix: bridge.commandPrefix,
    permissions: config.permissions,
    maxAgeMs: bridge.maxAgeMs,
    sendStatus: homeserver.sendStatus,
    deliveryReceipts: homeserver.deliveryReceipts,
    doublePuppet,
    ...(homeserver.roomVersion !== undefined && { roomVersion: homeserver.roomVersion }),
    displaynameTemplate: bridge.displaynameTemplate,
    presence: bridge.presence,
    spaces: bridge.spaces ? ['telegram', 'whatsapp'] : [],
    retention: bridge.retention,
    bot: matrixUserId(`@${appservice.botLocalpart}:${homeserver.serverName}`),
  }
}

type Observer = NonNullable<Parameters<typeof assemble>[0]['observer']>

function observerOf(metrics: Metrics): Observer {
  return {
    transaction: (result, bytes, ms) => {
      metrics.matrix.transaction(result === 'repeated' ? 'repeat' : result, { bytes, commitMs: ms })
      if (result === 'repeated') metrics.repeated('matrix', 'matrix')
    },
    pinged: (result) => metrics.matrix.pinged(result),
    nudged: (why) => metrics.matrix.nudged(why),
    request: (info) => metrics.matrix.request(info),
    ended: (row, { change }, network) => {
      const { state } = change
      if (state === 'queued' || state === 'sending' || state === 'parked') return
      metrics.deliveryEnded({
        delivery: row.id,
        network,
        direction: row.direction,
        kind: row.kind,
        outcome: state,
        ms: Date.now() - row.createdAt.getTime(),
        attempts: row.attempts,
        ...(change.errorCode !== undefined && { code: change.errorCode }),
        ...(change.errorText !== undefined && { why: change.errorText }),
      })
    },
    retried: (row, code, network) =>
      metrics.deliveryRetried({ delivery: row.id, network, direction: row.direction, code }),
    quarantined: (why) => metrics.matrix.quarantined({ why }),
    gapEvents: (count) => metrics.matrix.gapEvents(count, ''),
    loginChanged: (change) => metrics.loginChanged(change),
    accepted: (network, kind) => metrics.accepted(network, kind),
  }
}

async function health(
  db: Database,
  running: Running | undefined,
  connectors: readonly Connector[],
): Promise<Check[]> {
  const database: Check = await db.query('select 1').then(
    () => ({ name: 'database', ok: true }),
    (error: unknown) => ({ name: 'database', ok: false, text: messageOf(error) }),
  )
  const known = running?.bridge.watch.health
  const fresh = known !== undefined && Date.now() - known.checkedAt.getTime() < PING_FRESH_MS
  const homeserver: Check = {
    name: 'homeserver',
    ok: known?.ok === true && fresh,
    ...(known?.why !== undefined && { text: known.why }),
  }
  return [database, homeserver, await ledgerCheck(db, running), ...connectors.flatMap(connectionChecks)]
}

/** How much has not been delivered, for people: a remote side that is down is no fault of the bridge. */
async function ledgerCheck(db: Database, running: Running | undefined): Promise<Check> {
  const depths = await depth(db).catch(() => undefined)
  if (depths === undefined) return { name: 'ledger', ok: false, required: false, text: 'unknown' }
  const waiting = depths.reduce((sum, { count }) => sum + count, 0)
  const oldest = Math.min(...depths.map((each) => each.oldest.getTime()))
  const ageMs = waiting === 0 ? 0 : Math.max(0, Date.now() - oldest)
  const seconds = Math.round(ageMs / 1000)
  const text = `${waiting} unsent, the oldest for ${seconds} s; ${running?.bridge.lanes.count ?? 0} active lanes`
  return { name: 'ledger', ok: ageMs < OLD_MS, required: false, text }
}

async function serveOps(ops: OpsHandler, listen: { host: string; port: number }): Promise<Server> {
  const server = createServer((request, response) => {
    void ops(request, response).then((answered) => {
      if (answered) return
      response.writeHead(404, { 'content-type': 'application/json' })
      response.end('{"error":"not found"}')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen.port, listen.host, resolve)
  })
  return server
}
