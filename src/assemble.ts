import { Bridge } from './bridge/bridge.ts'
import type { BridgeEvents } from './bridge/bridge.ts'
import { Links } from './bridge/links.ts'
import { ownLanes } from './bridge/owner-lock.ts'
import type { BridgeSettings } from './bridge/settings.ts'
import { transactionHandler } from './http/ingress.ts'
import { mediaProxy } from './http/media-proxy.ts'
import { MatrixSide } from './matrix/index.ts'
import type { IngressHandlers, MatrixConfig, RequestInfo } from './matrix/index.ts'
import type { Clock } from './model/clock.ts'
import { messageOf } from './model/errors.ts'
import type { Logger } from './model/logger.ts'
import type { Connector } from './model/network.ts'
import { mxcUri } from './model/ids.ts'
import { LinkSigner } from './model/signed-link.ts'
import { deviceBook, ghostBook, mediaBook } from './store/books.ts'
import type { Database } from './store/db.ts'
import { Inbox } from './store/inbox.ts'
import { readPaste } from './store/paste.ts'
import { Vault } from './store/session.ts'
import { settingOrNew } from './store/setting.ts'
import { randomBytes } from 'node:crypto'

/** What happens, for counters; all optional, as tests and benches count for themselves. */
export type Observer = BridgeEvents & {
  transaction(result: 'stored' | 'repeated' | 'invalid' | 'failed', bytes: number, ms: number): void
  request(info: RequestInfo): void
}

/** Everything a running Viaduct is made of, as values: no files, no environment. */
export type Parts = {
  /** Open and migrated. */
  db: Database
  matrix: Omit<MatrixConfig, 'instance'>
  connectors: readonly Connector[]
  settings: BridgeSettings
  listen: { host: string; port: number }
  /** 32 bytes each. */
  keys: { vault: Buffer; links: Buffer }
  mediaProxy: { publicUrl: string | undefined; expiryMs: number }
  nudge: boolean
  /** Milliseconds to wait for an earlier process to end. */
  lockWaitMs: number
  clock: Clock
  log: Logger
  observer?: Partial<Observer>
  /** Further requests on the same port, such as health and metrics. */
  other?: IngressHandlers['other']
  /** Another process took the database over, or its connection broke: this one must not deliver any more. */
  onLost(why: string): void
}

export type Running = {
  readonly bridge: Bridge
  readonly matrix: MatrixSide
  readonly inbox: Inbox
  readonly port: number
  /** Drains for at most `deadlineMs` milliseconds and closes all but the database. */
  stop(deadlineMs: number): Promise<void>
}

/**
 * Puts the parts together and starts them: listen first, so that nothing is refused, then look what is there.
 * @throws what kept it from starting, after everything that was opened is closed: nothing keeps the process alive
 */
export async function assemble(parts: Parts): Promise<Running> {
  const opened = new AsyncDisposableStack()
  try {
    return await start(parts, opened)
  } catch (error) {
    await opened.disposeAsync().catch((late: unknown) => {
      parts.log.warn({ error: messageOf(late) }, 'not everything was closed after a start that failed')
    })
    throw error
  }
}

async function start(parts: Parts, opened: AsyncDisposableStack): Promise<Running> {
  const { db, clock, log, settings } = parts
  opened.defer(await ownLanes(db, parts.lockWaitMs, () => parts.onLost('the lock on the database is lost')))
  const inbox = new Inbox(db)
  const observer = parts.observer ?? {}
  const instance = await settingOrNew(db, 'instance', () => Buffer.from(randomBytes(4).toString('hex')))
  const matrix = await MatrixSide.create(
    { ...parts.matrix, instance: instance.toString('utf8') },
    {
      books: { devices: deviceBook(db), ghosts: ghostBook(db), media: mediaBook(db) },
      clock,
      log,
      ...(observer.request && { onRequest: observer.request }),
    },
  )
  opened.defer(() => matrix.close())
  const signer = new LinkSigner(parts.keys.links)
  const bridge = new Bridge({
    db,
    inbox,
    matrix,
    connectors: parts.connectors,
    settings,
    vault: new Vault(parts.keys.vault),
    links: new Links({ db, clock, signer, ...parts.mediaProxy }),
    clock,
    log,
    events: {
      ended: observer.ended ?? (() => {}),
      retried: observer.retried ?? (() => {}),
      loginChanged: observer.loginChanged ?? (() => {}),
      accepted: observer.accepted ?? (() => {}),
      quarantined: observer.quarantined ?? (() => {}),
      gapEvents: observer.gapEvents ?? (() => {}),
      pinged: observer.pinged ?? (() => {}),
      nudged: observer.nudged ?? (() => {}),
    },
  })
  let stopping = false
  let nudge = parts.nudge
  const media = mediaProxy({
    signer,
    clock,
    download: (mxc) => matrix.download(mxcUri(mxc)),
    text: (id) => readPaste(db, id),
  })
  const server = await matrix.listen(
    {
      transaction: transactionHandler({
        inbox,
        onStored: ({ fresh, bytes, ms }) => {
          observer.transaction?.(fresh ? 'stored' : 'repeated', bytes, ms)
          bridge.router.wake()
        },
        onInvalid: () => observer.transaction?.('invalid', 0, 0),
        onFailed: () => {
          observer.transaction?.('failed', 0, 0)
          bridge.watch.refused()
        },
        nudge: {
          get due() {
            return nudge
          },
          done: () => {
            nudge = false
            observer.nudged?.('by refusing a stored transaction once')
            bridge.watch.pingSoon()
          },
        },
      }),
      userQuery: (user) => bridge.directory.user(user),
      roomQuery: (alias) => bridge.directory.room(alias),
      thirdparty: (kind, protocol, params) => bridge.directory.thirdparty(kind, protocol, params),
      suspended: () => stopping,
      onAborted: () => {
        nudge = parts.nudge
        bridge.watch.suspect()
      },
      other: async (request, response) =>
        (await media(request, response)) || (await parts.other?.(request, response)) === true,
    },
    parts.listen.host,
    parts.listen.port,
  )
  opened.defer(() => server.close())
  let drainMs = 0
  opened.defer(() => bridge.stop(drainMs))
  await bridge.start()
  return {
    bridge,
    matrix,
    inbox,
    port: server.port,
    async stop(deadlineMs) {
      stopping = true
      drainMs = deadlineMs
      await opened.disposeAsync()
    },
  }
}
