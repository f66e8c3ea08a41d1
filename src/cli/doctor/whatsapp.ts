import type { Config } from '../../config/index.ts'
import { fault, ok } from './finding.ts'
import type { Finding } from './finding.ts'

/** That WhatsApp is reached and would let a device be linked. Nothing is said where WhatsApp is not set up. */
export async function checkWhatsApp({ whatsapp }: Config): Promise<Finding[]> {
  if (whatsapp === undefined) return []
  const { probe } = await import('../../networks/whatsapp/probe.ts')
  const found = await probe(whatsapp)
  return found.reached
    ? [ok('WhatsApp', `answers in ${found.ms} ms and offers to link a device`)]
    : [
        fault(
          'WhatsApp',
          found.why,
          'let this machine reach web.whatsapp.com and mmg.whatsapp.net: TCP port 443',
        ),
      ]
}
