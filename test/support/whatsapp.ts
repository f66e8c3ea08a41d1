import type { WhatsAppConfig } from '../../src/networks/whatsapp/config.ts'
import { systemClock } from '../../src/model/clock.ts'
import { withEpoch } from '../../src/networks/whatsapp/epoch.ts'
import { Journal } from '../../src/networks/whatsapp/journal.ts'
import { Linking } from '../../src/networks/whatsapp/linking.ts'
import { MemorySession } from '../../src/networks/shared/memory-session.ts'
import { signalDoor } from '../../src/networks/whatsapp/signal-door.ts'
import { Vault } from '../../src/networks/whatsapp/vault.ts'
import { SimWhatsApp } from '../sim/whatsapp/index.ts'
import type { ClientOptions, SimWhatsAppOptions } from '../sim/whatsapp/index.ts'
import { Person } from '../sim/whatsapp/world/test-person.ts'
import type { AccountOptions } from '../sim/whatsapp/world/account.ts'

export { Person } from '../sim/whatsapp/world/test-person.ts'

/** A loopback WhatsApp for a test of the connector or of the whole bridge. */
export type TestWhatsApp = {
  wa: SimWhatsApp
  config: WhatsAppConfig
  /** An account whose phone is a real client, connected. */
  person: (
    phone: string,
    name: string,
    more?: Omit<AccountOptions, 'phone' | 'name'>,
    client?: ClientOptions,
  ) => Promise<Person>
}

export async function startWhatsApp(options: SimWhatsAppOptions = {}): Promise<TestWhatsApp> {
  const wa = await SimWhatsApp.start(options)
  return {
    wa,
    config: testWhatsApp(wa.url),
    async person(phone, name, more = {}, client = {}) {
      const account = wa.account({ phone, name, ...more })
      // A phone knows what it said, by its id: the chat may be called by another address when it is asked.
      let made: Person | undefined
      const getMessage: ClientOptions['getMessage'] = async ({ id }) =>
        id ? made?.client.said.get(id) : undefined
      made = new Person(account, await wa.phone(account, { ...QUIET, getMessage, ...client }))
      return made
    },
  }
}

/** A configuration that finds nothing but the loopback server. */
export const testWhatsApp = (url: string, change: Partial<WhatsAppConfig> = {}): WhatsAppConfig => ({
  deviceName: 'Viaduct',
  backfill: { chats: 10, messages: 20 },
  testServer: { url },
  ...change,
})

/** Without what asks the world outside. */
const QUIET = { generateHighQualityLinkPreview: false, retryRequestDelayMs: 0 }

/** What a login leaves that was made on another day: the account's phone has scanned a code. */
export async function linkedSession(
  { wa, config }: TestWhatsApp,
  phone: string,
): Promise<Record<string, string>> {
  const values = await new Promise<Record<string, string>>((resolve, reject) => {
    let isScanned = false
    const linking: Linking = new Linking(config, (news) => {
      if (news.kind === 'linked') return resolve(news.values)
      if (news.kind !== 'qr') return reject(new Error(`not linked: ${news.kind}`))
      if (isScanned) return undefined
      isScanned = true
      return void wa.linking.scan(news.data, phone).catch(async (error: unknown) => {
        await linking.stop()
        reject(error instanceof Error ? error : new Error(String(error)))
      })
    })
  })
  return withEpoch(values)
}

/**
 * A contact's client without Baileys' races between sending and receiving, which lose messages by themselves: for tests
 * in which all write to all at the same time.
 */
export function steadyClient(): ClientOptions {
  const journal = new Journal(new Vault(new MemorySession(), new Map(), () => undefined), systemClock)
  return { makeSignalRepository: signalDoor({ get: () => ({}), set: () => Promise.resolve() }, journal) }
}
