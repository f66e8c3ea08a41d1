import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { ViaductError } from '../../model/errors.ts'
import type { Binaries } from './binaries.ts'

/** How to run the server's programs so that they accept it: PostgreSQL refuses uid 0. */
export type Account = {
  kind: 'self' | 'namespace' | 'user'
  /** Words in front of the command. */
  prefix: string[]
  /** The account to change to and to give the files to. */
  ids?: { uid: number; gid: number }
}

const NAMESPACE = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
const ACCOUNTS = ['postgres', 'nobody']

/**
 * As root: a user namespace that maps to nobody, where the kernel allows one, else the account postgres or nobody.
 * `ownerUid` is who owns the cluster, when there is one: another account's cluster is run by that account.
 * @throws ViaductError `bad_config` when nothing works; its text says to set `database.url`.
 */
export async function chooseAccount(
  binaries: Binaries,
  ownerUid: number | undefined,
  allowed: readonly Account['kind'][] = ['self', 'namespace', 'user'],
): Promise<Account> {
  const self: Account = { kind: 'self', prefix: [] }
  if (process.getuid?.() !== 0 && allowed.includes('self')) return self
  const candidates: Account[] = []
  if (ownerUid === undefined || ownerUid === 0) candidates.push({ kind: 'namespace', prefix: NAMESPACE })
  candidates.push(...(await accounts(ownerUid)))
  const reasons: string[] = []
  for (const account of candidates) {
    if (!allowed.includes(account.kind)) continue
    const failure = await probe(binaries, account)
    if (failure === undefined) return account
    reasons.push(failure)
  }
  throw new ViaductError(
    'bad_config',
    'The embedded PostgreSQL cannot run as root, and no other account can run it here. ' +
      `Start the program as an ordinary user, or set database.url to a server. (${reasons.join('; ')})`,
  )
}

async function accounts(ownerUid: number | undefined): Promise<Account[]> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const known = passwd.split('\n').map((line) => {
    const [name = '', , uid, gid] = line.split(':')
    return { name, ids: { uid: Number(uid), gid: Number(gid) } }
  })
  const usable = known.filter(({ ids }) => ids.uid > 0 && ids.gid > 0)
  const owner =
    ownerUid === undefined || ownerUid === 0 ? [] : usable.filter(({ ids }) => ids.uid === ownerUid)
  const wanted = ownerUid === undefined || ownerUid === 0 ? ACCOUNTS : []
  const named = wanted.flatMap((name) => usable.filter((account) => account.name === name))
  return [...owner, ...named].map(({ ids }) => ({ kind: 'user', prefix: [], ids }))
}

/** The words of the failure, if the account cannot run the server. */
async function probe(binaries: Binaries, account: Account): Promise<string | undefined> {
  const [command = '', ...args] = [...account.prefix, binaries.postgres, '--version']
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...account.ids, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' })
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    child.on('error', (error) => resolve(`${command}: ${error.message}`))
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : `${command}: ${text.trim() || `exit ${code}`}`),
    )
  })
}
