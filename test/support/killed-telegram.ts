import { SimHomeserver } from '../sim/homeserver/index.ts'
import type { Account, Switches } from '../sim/telegram/world/index.ts'
import { BridgeProcess } from './bridge-process.ts'
import { freshDatabase } from './database.ts'
import { Killed } from './killed.ts'
import type { KilledParts } from './killed.ts'
import { SERVER, testRegistration } from './settings.ts'
import { Person } from './stack.ts'
import { startTelegram } from './telegram.ts'
import type { TestTelegram } from './telegram.ts'

/** Alice, logged in by a bridge in a process of its own, between loopback servers that outlive it. */
export class KilledTelegram extends Killed {
  readonly telegram: TestTelegram
  readonly alice: Person
  readonly her: Account

  private constructor(parts: KilledParts & Pick<KilledTelegram, 'telegram' | 'alice' | 'her'>) {
    super(parts)
    this.telegram = parts.telegram
    this.alice = parts.alice
    this.her = parts.her
  }

  static async start(switches: Partial<Switches> = {}): Promise<KilledTelegram> {
    const database = await freshDatabase()
    const telegram = await startTelegram(switches)
    const { tg, config } = telegram
    const her = tg.user({ firstName: 'Alice', phone: '4915112345678' })
    const homeserver = await SimHomeserver.start({ serverName: SERVER })
    const options = { databaseUrl: database.url, homeserverUrl: homeserver.url, port: 0, telegram: config }
    const bridge = new BridgeProcess(options)
    await bridge.start()
    homeserver.addAppservice(testRegistration(`http://127.0.0.1:${bridge.port}`))
    const user = await homeserver.user('alice')
    const alice = new Person(homeserver, user, await user.directRoomWith(`@viaductbot:${SERVER}`))
    await alice.heard('Hello')
    await alice.ask('login telegram phone', 'phone number')
    await alice.ask('+49 1511 2345678', 'sent you a code')
    await alice.ask(tg.codes.get(her.id) ?? '', 'logged in to Telegram as Alice')
    return new KilledTelegram({ homeserver, telegram, bridge, database, alice, her })
  }

  /** The room in which somebody said something; alice goes in. */
  async roomWith(body: string): Promise<string> {
    const { homeserver } = this
    const find = () =>
      homeserver.roomIds().find((id) => homeserver.timeline(id).some((e) => e.content['body'] === body))
    await homeserver.waitFor(() => find() !== undefined, `a room with "${body}"`)
    const room = find() ?? ''
    await this.alice.user.join(room)
    return room
  }

  async close(): Promise<void> {
    await this.bridge.stop()
    await this.homeserver.close()
    await this.telegram.wire.stop()
    await this.database.drop()
  }
}
