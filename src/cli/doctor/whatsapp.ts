import type { Config } from '../../config/index.ts'
import { fault, ok } from './finding.ts'
import type { Finding } from './finding.ts'

const MEND =
  'let this machine reach web.whatsapp.com and *.whatsapp.net: TCP port 443, without a proxy in between'

/** That WhatsApp is reached and would let a device be linked. Nothing is said where WhatsApp is not set up. */
export async function checkWhatsApp({ whatsapp }: Config): Promise<Finding[]> {
  if (whatsapp === undefined) return []
  const { probe, probeMedia } = await import('../../networks/whatsapp/probe.ts')
  // A server for tests says itself where its files are.
  const [web, media] = await Promise.all([
    probe(whatsapp),
    whatsapp.testServer === undefined ? probeMedia() : undefined,
  ])
  const findings = [
    web.reached
      ? ok('WhatsApp', `answers in ${web.ms} ms and offers to link a device`)
      : fault('WhatsApp', web.why, MEND),
  ]
  if (media === undefined) return findings
  return [
    ...findings,
    media.reached
      ? ok('WhatsApp files', `their host answers in ${media.ms} ms`)
      : fault('WhatsApp files', media.why, MEND),
  ]
}
