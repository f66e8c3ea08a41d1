import { WAMessageStubType } from '@whiskeysockets/baileys'
import type { WAMessage } from '@whiskeysockets/baileys'
import { SimHomeserver } from '../sim/homeserver/index.ts'
import { BridgeProcess } from './bridge-process.ts'
import { freshDatabase } from './database.ts'
import { Killed } from './killed.ts'
import type { KilledParts } from './killed.ts'
import { scannedBy } from './qr-text.ts'
import { SERVER, testRegistration } from './settings.ts'
import { Person as MatrixPerson } from './stack.ts'
import { startWhatsApp, steadyClient, testWhatsApp } from './whatsapp.ts'
import type { Person, TestWhatsApp } from './whatsapp.ts'

const PATIENCE_MS = 15_000

/** Alice, logged in by a bridge in a process of its own, between loopback servers that outlive it; Bob, whom she talks to. */
export class KilledWhatsApp extends Killed {
  readonly whatsapp: TestWhatsApp
  readonly alice: MatrixPerson
  /** Alice's phone. */
  readonly her: Person
  readonly bob: Person

  private constructor(parts: KilledParts & Pick<KilledWhatsApp, 'whatsapp' | 'alice' | 'her' | 'bob'>) {
    super(parts)
    this.whatsapp = parts.whatsapp
    this.alice = parts.alice
    this.her = parts.her
    this.bob = parts.bob
  }

  static async start(): Promise<KilledWhatsApp> {
    const database = await freshDatabase()
    const whatsapp = await startWhatsApp()
    const { wa } = whatsapp
    // What their own library loses among sending and receiving would be laid at the bridge's door.
    const her = await whatsapp.person('15550001', 'Alice', {}, steadyClient())
    const bob = await whatsapp.person('15550002', 'Bob', {}, steadyClient())
    const homeserver = await SimHomeserver.start({ serverName: SERVER })
    const root = Buffer.from(wa.front.root).toString('hex')
    const options = {
      databaseUrl: database.url,
      homeserverUrl: homeserver.url,
      port: 0,
      whatsapp: testWhatsApp(wa.url, { testServer: { url: wa.url, root } }),
    }
    const bridge = new BridgeProcess(options, wa.preload)
    await bridge.start()
    homeserver.addAppservice(testRegistration(`http://127.0.0.1:${bridge.port}`))
    const user = await homeserver.user('alice')
    const alice = new MatrixPerson(homeserver, user, await user.directRoomWith(`@viaductbot:${SERVER}`))
    await alice.heard('Hello')
    await alice.ask('login whatsapp qr', 'asking WhatsApp')
    await wa.linking.scan(await scannedBy(alice, homeserver), her.account.phone)
    await alice.heard('logged in to WhatsApp')
    const world = new KilledWhatsApp({ homeserver, whatsapp, bridge, database, alice, her, bob })
    await homeserver.waitFor(() => world.isConnected, 'the bridge to be connected', PATIENCE_MS)
    return world
  }

  /** Whether others find the bridge among her devices: before it has left its keys nobody writes to it. */
  get isConnected(): boolean {
    const { front, world } = this.whatsapp.wa
    const { phone } = this.her.account
    const isOnline = front.online.some((each) => each.phone === phone && each.device === 1)
    return isOnline && world.device(phone, 1).keys !== undefined
  }

  /** The room in which somebody said something; alice goes in. */
  async roomWith(body: string): Promise<string> {
    const { homeserver } = this
    const find = () =>
      homeserver.roomIds().find((id) => homeserver.timeline(id).some((e) => e.content['body'] === body))
    await homeserver.waitFor(() => find() !== undefined, `a room with "${body}"`, PATIENCE_MS)
    const room = find() ?? ''
    await this.alice.user.join(room)
    return room
  }

  async close(): Promise<void> {
    await this.bridge.stop()
    await this.homeserver.close()
    await this.whatsapp.wa.stop()
    await this.database.drop()
  }
}

/** A message as an app keeps it: what comes again under an id that it has is the same message. */
export const byId = (messages: readonly WAMessage[]): WAMessage[] => [
  ...new Map(messages.map((message) => [message.key.id, message])).values(),
]

/** Where an app shows "waiting for this message". */
export const isUndecrypted = ({ messageStubType }: WAMessage): boolean =>
  messageStubType === WAMessageStubType.CIPHERTEXT

export const textIn = ({ message }: WAMessage): string | undefined =>
  message?.conversation ?? message?.extendedTextMessage?.text ?? undefined
