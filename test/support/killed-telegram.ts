import { SimHomeserver } from '../sim/homeserver/index.ts'
import type { Account, Switches } from '../sim/telegram/world/index.ts'
import { BridgeProcess } from './bridge-process.ts'
import { freshDatabase } from './database.ts'
import type { FreshDatabase } from './database.ts'
import { SERVER, testRegistration } from './settings.ts'
import { Person } from './stack.ts'
import { startTelegram } from './telegram.ts'
import type { TestTelegram } from './telegram.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Alice, logged in by a bridge in a process of its own, between loopback servers that outlive it. */
export class KilledTelegram {
  readonly homeserver: SimHomeserver
  readonly telegram: TestTelegram
  readonly bridge: BridgeProcess
  readonly database: FreshDatabase
  readonly alice: Person
  readonly her: Account

  private constructor(
    parts: Pick<KilledTelegram, 'homeserver' | 'telegram' | 'bridge' | 'database' | 'alice' | 'her'>,
  ) {
    this.homeserver = parts.homeserver
    this.telegram = parts.telegram
    this.bridge = parts.bridge
    this.database = parts.database
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

  /** Resolves when so much of what somebody said is in the ledger. */
  async arrived({ id }: Account, count: number): Promise<void> {
    while ((await this.ledger(`sender = '${id}'`)).length < count) await pause(20)
  }

  /** Resolves when these events are in the ledger, or known not to belong there. */
  async routed(ids: string[]): Promise<void> {
    const { db } = this.database
    while ((await db.query('select 1 from event where event_id = any($1)', [ids])).length < ids.length)
      await pause(20)
  }

  /** Resolves when the ledger has nothing left to do. */
  async settled(timeoutMs = 60_000): Promise<void> {
    const until = Date.now() + timeoutMs
    for (;;) {
      const open = await this.ledger(`state in ('queued', 'sending', 'parked')`)
      if (open.length === 0) return
      if (Date.now() > until) throw new Error(`still open: ${JSON.stringify(open.slice(0, 20))}`)
      await pause(100)
    }
  }

  /** Rows for which a condition holds, shortened to what a person would want to see of them. */
  ledger(where: string): Promise<unknown[]> {
    return this.database.db.query(
      `select id, direction, kind, source_id, state, waits_for, attempts, error_text from delivery
       where ${where} order by id`,
    )
  }

  async close(): Promise<void> {
    await this.bridge.stop()
    await this.homeserver.close()
    await this.telegram.wire.stop()
    await this.database.drop()
  }
}
