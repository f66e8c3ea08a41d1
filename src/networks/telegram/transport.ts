import { connectTcp } from '@fuman/node'
import { IntermediatePacketCodec } from '@mtcute/core'
import type { IPacketCodec, ITelegramConnection, TelegramTransport } from '@mtcute/core'
import type { BasicDcOption } from '@mtcute/core/utils.js'

/** How long the operating system may try to open a connection, in milliseconds. */
const CONNECT_MS = 15_000

/**
 * Plain TCP with the intermediate framing (https://core.telegram.org/mtproto/mtproto-transports#intermediate): the
 * content is encrypted in any case, and mtcute's obfuscated framing leaks memory.
 */
export class TcpTransport implements TelegramTransport {
  async connect(dc: BasicDcOption): Promise<ITelegramConnection> {
    const opening = connectTcp({ address: dc.ipAddress, port: dc.port })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error('the connection to Telegram was not opened in time')),
        CONNECT_MS,
      )
      timer.unref()
    })
    try {
      const connection = await Promise.race([opening, late])
      connection.setNoDelay(true)
      return connection
    } catch (error) {
      opening.then((connection) => connection.close()).catch(() => undefined)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  packetCodec(): IPacketCodec {
    return new IntermediatePacketCodec()
  }
}
