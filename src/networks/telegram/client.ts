import { BaseTelegramClient } from '@mtcute/core/client.js'
import { networkMiddlewares } from '@mtcute/core'
import type { ITelegramStorageProvider, RpcCallMiddleware, UpdatesManagerParams } from '@mtcute/core'
import { LogManager, addPublicKey } from '@mtcute/core/utils.js'
import type { Logger } from '../../model/logger.ts'
import { VERSION } from '../../telemetry/index.ts'
import type { TelegramConfig } from './config.ts'
import { NodeCrypto } from './crypto.ts'
import { MTCUTE_WARN, nodePlatform } from './platform.ts'
import { TcpTransport } from './transport.ts'

/** Data centre of an account that has none yet; Telegram sends it on to its own. */
const FIRST_DC = 2

export type ClientOptions = {
  config: TelegramConfig
  storage: ITelegramStorageProvider
  log: Logger
  /** Absent: no updates are kept, as in a login. */
  updates?: UpdatesManagerParams
  middlewares?: RpcCallMiddleware[]
  /** Milliseconds before a lost connection is tried again, by the number of failures so far. */
  reconnectMs?: (failures: number) => number
}

/**
 * A client of mtcute, not yet connected. Its peers are written through and not cached: the cache mixes up users and
 * channels of the same number, and keeps later changes from the storage (mtcute 0.30).
 */
export function createClient(options: ClientOptions): BaseTelegramClient {
  const { config, storage, log, updates, middlewares = [], reconnectMs = usualReconnectMs } = options
  const platform = nodePlatform(log)
  const crypto = new NodeCrypto()
  const logger = new LogManager('telegram', platform)
  logger.level = MTCUTE_WARN
  const { testServer } = config
  if (testServer !== undefined) addPublicKey(crypto, testServer.publicKey)
  const dc = testServer && { id: FIRST_DC, ipAddress: testServer.host, port: testServer.port }
  return new BaseTelegramClient({
    apiId: config.apiId,
    apiHash: config.apiHash,
    storage,
    crypto,
    platform,
    logger,
    transport: new TcpTransport(),
    ...(dc && { defaultDcs: { main: dc, media: dc } }),
    updates: updates ?? false,
    reconnectionStrategy: ({ consequentFails }) => reconnectMs(consequentFails),
    storageOptions: { cleanup: false, peers: { cacheSize: 0, updatesWriteInterval: 0 } },
    network: {
      middlewares: [
        ...middlewares,
        ...networkMiddlewares.basic({
          // A repeat that meets the first attempt is an answer, not an internal error.
          internalErrors: { maxRetries: 3, exceptErrors: ['RANDOM_ID_DUPLICATE'] },
          // A wait for one conversation must not hold up the others.
          floodWaiter: { store: false, maxWait: 10_000, onBeforeWait: () => undefined },
        }),
      ],
      // Its limits make a connection that was cut some times wait for seconds; the strategy above is limit enough.
      ...(testServer !== undefined && { floodControl: false as const }),
    },
    initConnectionOptions: {
      deviceModel: 'Viaduct',
      systemVersion: `Node ${process.versions.node}`,
      appVersion: VERSION,
    },
  })
}

/**
 * Ends a client for good. Never throws. mtcute's loops may still call something after it, and what `call` of a destroyed
 * client throws comes back a second time where nobody catches it.
 */
export async function closeClient(client: BaseTelegramClient): Promise<void> {
  client.call = () => Promise.reject(new Error('the connection has ended'))
  await client.destroy().catch(() => undefined)
}

const usualReconnectMs = (failures: number) =>
  Math.min(30_000, 250 * 2 ** Math.min(failures, 7)) * (0.75 + Math.random() / 2)
