import type { TelegramConfig } from '../../src/networks/telegram/config.ts'
import { EPOCH } from '../../src/networks/telegram/login-client.ts'
import { SERVER_KEY } from '../sim/telegram/wire/test-key.ts'
import { TelegramWire } from '../sim/telegram/wire/wire.ts'
import { SimWorld } from '../sim/telegram/world/index.ts'
import type { Account, Switches } from '../sim/telegram/world/index.ts'

/** A loopback Telegram for a test of the connector or of the whole bridge. */
export type TestTelegram = { wire: TelegramWire; tg: SimWorld; config: TelegramConfig }

export async function startTelegram(switches: Partial<Switches> = {}): Promise<TestTelegram> {
  const worlds: SimWorld[] = []
  const wire = await TelegramWire.start({ serverKey: SERVER_KEY }, (made) => {
    const world = new SimWorld(made, switches)
    worlds.push(world)
    return world
  })
  const [tg] = worlds
  if (tg === undefined) throw new Error('no world')
  return { wire, tg, config: testTelegram(wire) }
}

/** A configuration that finds nothing but the loopback server. */
export function testTelegram(wire: TelegramWire, change: Partial<TelegramConfig> = {}): TelegramConfig {
  return {
    apiId: 1,
    apiHash: 'hash',
    backfill: { chats: 10, messages: 20 },
    gapMessages: 500,
    recheckMessages: 20,
    relayBots: [],
    testServer: { host: wire.host, port: wire.port, publicKey: wire.serverKey.pem },
    ...change,
  }
}

/** What a login leaves that was made on another day. */
export function loggedIn(wire: TelegramWire, { id }: Account): Record<string, string> {
  return { [EPOCH]: `e${id}`, [`e${id}/auth:2`]: wire.preauth(id).toString('base64') }
}
