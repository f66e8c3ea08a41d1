import dns from 'node:dns'
import { MEDIA_NAME } from './media-host.ts'

const real = dns.lookup

/**
 * From now on this process finds WhatsApp's media host at 127.0.0.1. Baileys asks it for files of history and app
 * state, whose messages carry a path only.
 */
export function resolveMediaName(): void {
  const lookup: typeof dns.lookup = Object.assign((name: string, ...rest: unknown[]): void => {
    Reflect.apply(real, dns, [name === MEDIA_NAME ? '127.0.0.1' : name, ...rest])
  }, real)
  dns.lookup = lookup
}
