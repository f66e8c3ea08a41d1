import { lchown, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ViaductError } from '../../model/errors.ts'
import { libraryVariables } from './binaries.ts'
import type { Binaries } from './binaries.ts'
import { startGuarded } from './guarded.ts'

/** How to run the server's programs so that they accept it: PostgreSQL refuses uid 0. */
export type Account = {
  kind: 'self' | 'namespace' | 'user'
  /** Words in front of the command. */
  prefix: string[]
  /** The account to change to and to give the files to. */
  ids?: Ids
}

const NAMESPACE = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
const ACCOUNTS = ['postgres', 'nobody']

export type Ids = { uid: number; gid: number }

/**
 * As root: a user namespace that maps to nobody, where the kernel allows one, else the account postgres or nobody.
 * `owner` is whose cluster it is, when there is one: another account's is run by that account.
 * @throws ViaductError `bad_config` when nothing works; its text says to set `database.url`.
 */
export async function chooseAccount(
  binaries: Binaries,
  dataDir: string,
  owner: Ids | undefined,
  allowed: readonly Account['kind'][] = ['self', 'namespace', 'user'],
): Promise<Account> {
  if (process.getuid?.() !== 0 && allowed.includes('self')) return { kind: 'self', prefix: [] }
  const reasons: string[] = []
  for (const account of await candidates(owner)) {
    if (!allowed.includes(account.kind)) continue
    const failure = await probe(binaries, dirname(dataDir), account)
    if (failure === undefined) return account
    reasons.push(`${account.kind} ${account.ids?.uid ?? ''}: ${failure}`)
  }
  throw new ViaductError(
    'bad_config',
    'The embedded PostgreSQL cannot run as root, and no other account can run it here. ' +
      `Start the program as an ordinary user, or set database.url to a server. (${reasons.join('; ')})`,
  )
}

/** Makes all that is in the folder the account's. */
export async function giveTo(ids: Ids, folder: string): Promise<void> {
  const below = await readdir(folder, { recursive: true })
  for (const path of ['', ...below]) await lchown(join(folder, path), ids.uid, ids.gid)
}

async function candidates(owner: Ids | undefined): Promise<Account[]> {
  if (owner !== undefined && owner.uid !== 0) return [{ kind: 'user', prefix: [], ids: owner }]
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const accounts = passwd.split('\n').map((line) => {
    const [name = '', , uid, gid] = line.split(':')
    return { name, ids: { uid: Number(uid), gid: Number(gid) } }
  })
  const known = ACCOUNTS.flatMap((wanted) =>
    accounts.filter(({ name, ids }) => name === wanted && ids.uid > 0),
  )
  const users = known.map(({ ids }): Account => ({ kind: 'user', prefix: [], ids }))
  return [{ kind: 'namespace', prefix: NAMESPACE }, ...users]
}

/** Why the account cannot run the server on a folder in `parent`; undefined when it can. */
async function probe(binaries: Binaries, parent: string, account: Account): Promise<string | undefined> {
  const script = 'cd "$1" && shift && exec env "$@" --version'
  const { code, lines } = await startGuarded(
    ['sh', '-c', script, 'sh', parent, ...libraryVariables(binaries), binaries.postgres],
    account,
    () => {},
  ).exited
  return code === 0 ? undefined : lines.join(' ') || `exit ${code}`
}
