import type { WhatsAppConfig } from './config.ts'
import { Linking } from './linking.ts'

export type Probed = { reached: true; ms: number } | { reached: false; why: string }

/** Connects as a device that wants to be linked, and hangs up when WhatsApp offers a code. Never rejects. */
export async function probe(config: WhatsAppConfig): Promise<Probed> {
  const begun = Date.now()
  let linking: Linking | undefined
  try {
    return await new Promise<Probed>((resolve) => {
      linking = new Linking(config, (news) => {
        if (news.kind === 'qr') resolve({ reached: true, ms: Date.now() - begun })
        else resolve({ reached: false, why: news.kind === 'failed' ? news.text : 'WhatsApp does not answer' })
      })
    })
  } catch (error) {
    return { reached: false, why: error instanceof Error ? error.message : String(error) }
  } finally {
    await linking?.stop().catch(() => undefined)
  }
}
