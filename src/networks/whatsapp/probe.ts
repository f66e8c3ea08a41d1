import { connect } from 'node:tls'
import type { WhatsAppConfig } from './config.ts'
import { Linking } from './linking.ts'
import type { LinkNews } from './linking.ts'

export type Probed = { reached: true; ms: number } | { reached: false; why: string }

const PATIENCE_MS = 15_000

/** Where files are; WhatsApp names others beside it, all of them on this port. */
const MEDIA = { host: 'mmg.whatsapp.net', port: 443 }

/** Connects as a device that wants to be linked, and hangs up when WhatsApp offers a code. Never rejects. */
export async function probe(config: WhatsAppConfig, patienceMs = PATIENCE_MS): Promise<Probed> {
  const begun = performance.now()
  let linking: Linking | undefined
  try {
    return await inTime(patienceMs, (settle) => {
      linking = new Linking(config, (news) => settle(read(news, begun)))
    })
  } catch (error) {
    return { reached: false, why: error instanceof Error ? error.message : String(error) }
  } finally {
    await linking?.stop().catch(() => undefined)
  }
}

function read(news: LinkNews, begun: number): Probed {
  if (news.kind === 'qr') return { reached: true, ms: Math.round(performance.now() - begun) }
  return { reached: false, why: news.kind === 'failed' ? news.text : 'WhatsApp ended the connection.' }
}

/** Whether there is a TLS connection to be had to where files are. Never rejects. */
export async function probeMedia(
  { host, port }: { host: string; port: number } = MEDIA,
  patienceMs = PATIENCE_MS,
): Promise<Probed> {
  const begun = performance.now()
  let end = (): unknown => undefined
  try {
    return await inTime(patienceMs, (settle) => {
      const socket = connect({ host, port, servername: host })
      end = () => socket.destroy()
      socket.once('secureConnect', () => settle({ reached: true, ms: Math.round(performance.now() - begun) }))
      socket.once('error', ({ message }) => settle({ reached: false, why: `${host}: ${message}` }))
    })
  } finally {
    end()
  }
}

async function inTime(
  patienceMs: number,
  begin: (settle: (probed: Probed) => void) => void,
): Promise<Probed> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Probed>((resolve) => {
    timer = setTimeout(
      () => resolve({ reached: false, why: `no answer in ${patienceMs / 1000} s` }),
      patienceMs,
    )
  })
  try {
    return await Promise.race([new Promise<Probed>(begin), late])
  } finally {
    clearTimeout(timer)
  }
}
