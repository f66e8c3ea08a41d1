import type { Clock } from '../../model/clock.ts'
import { sleep } from '../../model/clock.ts'
import type { Credentials } from './credentials.ts'
import type { Live } from './live.ts'
import type { Expected } from './ticket.ts'

const PATIENCE_MS = 10_000
const POLL_MS = 100

/**
 * Logs in with NickServ where that is what the account wants, or where SASL is what it wants and the server has none.
 * @returns words for the user when it did not work
 */
export async function identify(
  live: Live,
  clock: Clock,
  who: Credentials | undefined,
): Promise<string | undefined> {
  const { link } = live
  if (who === undefined || link.account !== undefined) return undefined
  if (who.method === 'external') return 'the server did not take the certificate: it offers no SASL'
  if ((who.method !== 'nickserv' && who.method !== 'plain') || who.password === undefined) return undefined
  const account = who.account !== undefined && !link.isMe(who.account) ? [who.account] : []
  const text = ['IDENTIFY', ...account, who.password].join(' ')
  const expected: Expected = { kind: 'command', command: 'PRIVMSG', names: [link.fold('NickServ')] }
  const evidence = await live.send(expected, [{ command: 'PRIVMSG', params: ['NickServ', text] }], {
    priority: 'control',
  })
  if (evidence.kind === 'refused') return `could not log in with NickServ: ${evidence.reply.text}`
  const until = clock.now().getTime() + PATIENCE_MS
  // 900 says that it worked; services without it say so in words that differ from network to network.
  while (live.ready && live.link.account === undefined && clock.now().getTime() < until)
    await sleep(clock, POLL_MS)
  return live.link.account === undefined ? 'NickServ did not confirm the login' : undefined
}
