import type { Clock } from '../../model/clock.ts'
import { sleep } from '../../model/clock.ts'
import { isBatch } from './batch.ts'
import type { Batch } from './batch.ts'
import { matchesGlob } from './channel-policy.ts'
import type { Credentials } from './credentials.ts'
import type { Live } from './live.ts'
import type { Expected } from './ticket.ts'
import type { IrcMessage } from './wire.ts'

const NICK = 'NickServ'
const PATIENCE_MS = 10_000
const POLL_MS = 100
const WHOIS: ReadonlySet<string> = new Set([
  '311',
  '312',
  '313',
  '317',
  '318',
  '319',
  '320',
  '335',
  '378',
  '671',
])

/** The host or the server of services, as networks name theirs. */
const SERVICES = /^services?\b|\bservices?\./i

/**
 * Logs in with NickServ where that is what the account wants, or where SASL is what it wants and the server has none.
 * @returns words for the user when it did not work
 */
export async function identify(
  live: Live,
  clock: Clock,
  who: Credentials | undefined,
  servicesHost?: string,
): Promise<string | undefined> {
  const { link } = live
  if (who === undefined || link.account !== undefined) return undefined
  if (who.method === 'external') return 'the server did not take the certificate: it offers no SASL'
  if ((who.method !== 'nickserv' && who.method !== 'plain') || who.password === undefined) return undefined
  const impostor = await doubtAboutNickServ(live, servicesHost)
  if (impostor !== undefined) return impostor
  const account = who.account !== undefined && !link.isMe(who.account) ? [who.account] : []
  const text = ['IDENTIFY', ...account, who.password].join(' ')
  const expected: Expected = { kind: 'command', command: 'PRIVMSG', names: [link.fold(NICK)] }
  const evidence = await live.send(expected, [{ command: 'PRIVMSG', params: [NICK, text] }], {
    priority: 'control',
  })
  if (evidence.kind === 'refused') return `could not log in with NickServ: ${evidence.reply.text}`
  const until = clock.now().getTime() + PATIENCE_MS
  // 900 says that it worked; services without it say so in words that differ from network to network.
  while (live.ready && live.link.account === undefined && clock.now().getTime() < until)
    await sleep(clock, POLL_MS)
  return live.link.account === undefined ? 'NickServ did not confirm the login' : undefined
}

/**
 * Anybody can take the nick where the services are away, so they are told nothing before the server vouches for them.
 * @returns why a password must not be sent; undefined when it may
 */
export async function doubtAboutNickServ(live: Live, servicesHost?: string): Promise<string | undefined> {
  const fits = (item: IrcMessage | Batch) => !isBatch(item) && WHOIS.has(item.command)
  const evidence = await live.command({ command: 'WHOIS', params: [NICK] }, [NICK], fits)
  if (evidence.kind === 'refused') return `there is no NickServ to log in with: ${evidence.reply.text}`
  if (evidence.kind !== 'accepted') return 'the server does not say who NickServ is'
  const lines = evidence.items.flatMap((item) => (isBatch(item) ? [] : [item]))
  if (vouchedFor(lines, servicesHost)) return undefined
  return 'the server does not say that NickServ is a service, so it was not told the password'
}

/** Whether WHOIS tells of a service. A realname proves nothing, nor does a host that nobody configured: people choose them. */
export function vouchedFor(lines: readonly IrcMessage[], servicesHost: string | undefined): boolean {
  return lines.some(({ command, params }) => {
    const last = params.at(-1) ?? ''
    switch (command) {
      case '311':
        return (
          servicesHost !== undefined &&
          matchesGlob(servicesHost.toLowerCase(), (params[3] ?? '').toLowerCase())
        )
      case '312':
        return servicesHost === undefined && SERVICES.test(params[2] ?? '')
      case '313':
        return servicesHost === undefined && /\bservices?\b/i.test(last)
      default:
        return false
    }
  })
}
