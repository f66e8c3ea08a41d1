import type { WhatsAppConfig } from '../../src/networks/whatsapp/config.ts'
import { withEpoch } from '../../src/networks/whatsapp/epoch.ts'
import { Linking } from '../../src/networks/whatsapp/linking.ts'
import { SimWhatsApp } from '../sim/whatsapp/index.ts'
import type { SimWhatsAppOptions } from '../sim/whatsapp/index.ts'
import { Person } from '../sim/whatsapp/world/test-town.ts'
import type { AccountOptions } from '../sim/whatsapp/world/account.ts'

export { Person } from '../sim/whatsapp/world/test-town.ts'

/** A loopback WhatsApp for a test of the connector or of the whole bridge. */
export type TestWhatsApp = {
  wa: SimWhatsApp
  config: WhatsAppConfig
  /** An account whose phone is a real client, connected. */
  person: (phone: string, name: string, more?: Omit<AccountOptions, 'phone' | 'name'>) => Promise<Person>
}

export async function startWhatsApp(options: SimWhatsAppOptions = {}): Promise<TestWhatsApp> {
  const wa = await SimWhatsApp.start(options)
  return {
    wa,
    config: testWhatsApp(wa.url),
    async person(phone, name, more = {}) {
      const account = wa.account({ phone, name, ...more })
      return new Person(account, await wa.phone(account, QUIET))
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
