import type { IPacketCodec } from '@mtcute/core'
import { IntermediatePacketCodec, MemoryStorage } from '@mtcute/core'
import { BaseTelegramClient, TelegramClient } from '@mtcute/core/client.js'
import { addPublicKey } from '@mtcute/core/utils.js'
import { DC_ID } from '../contract.ts'
import { TestCrypto, quietPlatform, tcp } from './mtcute-platform.ts'
import type { ServerAddress } from './server.ts'

export type MtcuteOptions = {
  readonly storage?: MemoryStorage
  readonly codec?: () => IPacketCodec
  readonly apiId?: number
  readonly apiHash?: string
  readonly catchUp?: boolean
  /** A key of `preauth` and whose it is. */
  readonly login?: { readonly authKey: Uint8Array; readonly userId: bigint; readonly isBot?: boolean }
}

/** mtcute with a loopback server as its only data centre, without the waits that it has between reconnects. */
export async function mtcute(server: ServerAddress, options: MtcuteOptions = {}): Promise<TelegramClient> {
  const crypto = new TestCrypto()
  crypto.initialize()
  addPublicKey(crypto, server.serverKey.pem)
  const dc = { id: DC_ID, ipAddress: server.host, port: server.port }
  const base = new BaseTelegramClient({
    apiId: options.apiId ?? 1,
    apiHash: options.apiHash ?? 'hash',
    storage: options.storage ?? new MemoryStorage(),
    crypto,
    platform: quietPlatform,
    transport: tcp(options.codec ?? (() => new IntermediatePacketCodec())),
    defaultDcs: { main: dc, media: dc },
    logLevel: 0,
    network: { floodControl: false },
    reconnectionStrategy: () => 1,
    updates: { catchUp: options.catchUp ?? true },
    storageOptions: { cleanup: false, peers: { cacheSize: 0, updatesWriteInterval: 0 } },
  })
  base.onError.add(() => undefined)
  const client = new TelegramClient({ client: base, disableUpdates: false })
  if (options.login !== undefined) {
    const { authKey, userId, isBot = false } = options.login
    const self = { userId: Number(userId), isBot, isPremium: false, usernames: [] }
    await client.importSession({ primaryDcs: { main: dc, media: dc }, authKey, self })
  }
  return client
}
