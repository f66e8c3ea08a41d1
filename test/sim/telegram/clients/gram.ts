import { AuthKey } from 'telegram/crypto/AuthKey.js'
import { _serverKeys } from 'telegram/crypto/RSA.js'
import { Logger } from 'telegram/extensions/Logger.js'
import { PromisedNetSockets } from 'telegram/extensions/PromisedNetSockets.js'
import { returnBigInt } from 'telegram/Helpers.js'
import { StringSession } from 'telegram/sessions/index.js'
import type { TelegramClientParams } from 'telegram/client/telegramBaseClient.js'
import { TelegramClient } from 'telegram'
import { DC_ID } from '../contract.ts'
import type { ServerAddress } from './server.ts'

export type GramOptions = Pick<TelegramClientParams, 'connection'> & {
  /** A key of `preauth`. */
  readonly authKey?: Uint8Array
  readonly apiId?: number
  readonly apiHash?: string
}

export const gramLong = (value: bigint) => returnBigInt(value.toString())

/** GramJS, not yet connected, with a loopback server as its only data centre. */
export async function gram(server: ServerAddress, options: GramOptions = {}): Promise<TelegramClient> {
  const { modulus, exponent, fingerprint } = server.serverKey
  const n = returnBigInt(BigInt(`0x${modulus.toString('hex')}`).toString())
  _serverKeys.set(fingerprint.toString(), { n, e: exponent })
  const session = new StringSession('')
  // Without this, GramJS takes itself to be in data centre 4 and looks for it when it uploads.
  session.setDC(DC_ID, server.host, 80)
  if (options.authKey !== undefined) {
    const key = new AuthKey()
    await key.setKey(Buffer.from(options.authKey))
    session.setAuthKey(key)
  }
  class ToLoopback extends PromisedNetSockets {
    override connect(): Promise<unknown> {
      return super.connect(server.port, server.host)
    }
  }
  const { connection } = options
  return new TelegramClient(session, options.apiId ?? 1, options.apiHash ?? 'hash', {
    networkSocket: ToLoopback,
    baseLogger: new Logger('none' as never),
    // One in 256 key exchanges fails: it leaves out the zeros in front of a key.
    connectionRetries: 10,
    retryDelay: 1,
    floodSleepThreshold: 0,
    ...(connection === undefined ? {} : { connection }),
  })
}
