import type { NetworkName } from '../../model/ids.ts'
import type { Connector } from '../../model/network.ts'
import type { Database } from '../../store/db.ts'
import { loginsOf } from '../../store/login.ts'
import type { Logins } from '../logins.ts'
import type { Command } from './command.ts'

const MARKS: Record<string, string> = { connected: '🟢', connecting: '🟡', backoff: '🟡' }

/** Commands about accounts: to log in and out, and to see how they stand. */
export function accountCommands(deps: {
  db: Database
  logins: Logins
  connectors: ReadonlyMap<NetworkName, Connector>
}): Command[] {
  const { db, logins, connectors } = deps
  return [
    {
      name: 'login',
      usage: 'login [network] [way]',
      help: 'log in to a network, step by step',
      needs: 'user',
      async run({ user }, [network, flow]) {
        if (network !== undefined) return logins.begin(user, network.toLowerCase(), flow)
        if (connectors.size === 1) return logins.begin(user, [...connectors.keys()][0] ?? '', flow)
        const lines = [...connectors.values()].flatMap((c) =>
          c.loginFlows.map((f) => `login ${c.network} ${f.id}: ${f.help}`),
        )
        return `You can log in to:\n${lines.join('\n')}`
      },
    },
    {
      name: 'cancel',
      usage: 'cancel',
      help: 'stop the login that is under way',
      needs: 'user',
      async run({ user }) {
        return (await logins.cancel(user)) ? 'The login is cancelled.' : 'No login is under way.'
      },
    },
    {
      name: 'logout',
      usage: 'logout [account]',
      help: 'log out and forget the secrets of an account',
      needs: 'user',
      async run({ user }, [name]) {
        const login = await logins.pick(user, name)
        await logins.logout(login)
        return `You are logged out of ${login.name}; its secrets are deleted. Your rooms stay.`
      },
    },
    {
      name: 'status',
      usage: 'status',
      help: 'how your accounts and your messages stand',
      needs: 'relay',
      async run({ user }) {
        const rows = await loginsOf(db, user)
        const accounts = rows.map((row) => {
          const words = row.stateText === null ? row.state : `${row.state}: ${row.stateText}`
          return `${MARKS[row.state] ?? '🔴'} ${row.network} ${row.name} (${row.account}): ${words}`
        })
        const [mail] = await db.query<{ waiting: number; failed: number; oldest: Date | null }>(
          `select count(*) filter (where state in ('queued', 'sending', 'parked'))::int as waiting,
                  count(*) filter (where state in ('rejected', 'unknown', 'expired'))::int as failed,
                  min(created_at) filter (where state in ('queued', 'sending', 'parked')) as oldest
           from delivery where direction = 'to_remote' and sender = $1 and source_id like '$%'
             and kind <> 'info' and created_at > now() - interval '7 days'`,
          [user],
        )
        // The command that asks is itself a delivery under way.
        const waiting = Math.max(0, (mail?.waiting ?? 1) - 1)
        const queue = `Your messages of the last 7 days: ${waiting} on their way, ${mail?.failed ?? 0} not delivered.`
        return [
          ...(accounts.length > 0 ? accounts : ['You are not logged in anywhere. Say "login" to begin.']),
          queue,
        ].join('\n')
      },
    },
  ]
}
