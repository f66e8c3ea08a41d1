import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { PORT, USER } from './names.ts'

export type Address = { host: string; port: number; user: string; database: string }

/**
 * What `postmaster.pid` and the socket it names say.
 * - `down`: nobody runs here; PostgreSQL itself clears up what a dead one left
 * - `stale`: the file names a process that is alive but is not a server of this folder (a reused pid, or one that was
 *   killed and that nobody has reaped): PostgreSQL would refuse to start, so the file must go first
 * - `busy`: a server is starting, recovering or shutting down
 * - `ready`: a server accepts connections; its parent tells whose it is
 */
export type Postmaster =
  | { kind: 'down' }
  | { kind: 'stale'; content: string }
  | { kind: 'busy' }
  | { kind: 'ready'; address: Address; parentPid: number }

/** Looks for a server that runs on the folder, whoever started it. */
export async function inspect(dataDir: string): Promise<Postmaster> {
  const content = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (content === undefined) return { kind: 'down' }
  // Lines: pid, data folder, start time, port, socket folder, address, shared memory key, status.
  const [first, , , port, socketDir, , , status] = content.split('\n')
  const pid = Math.abs(Number(first))
  const { kind: process, parentPid } = await lookAt(pid, dataDir)
  if (process === 'postmaster' && status?.trim() !== 'ready') return { kind: 'busy' }
  const address = { host: socketDir ?? '', port: Number(port), user: USER, database: 'postgres' }
  if (socketDir !== undefined && socketDir !== '') {
    const answer = await knock(address)
    if (answer === 'ready') return { kind: 'ready', address, parentPid }
    if (answer === 'busy') return { kind: 'busy' }
  }
  if (process === 'postmaster') return { kind: 'busy' }
  if (process === 'none') return { kind: 'down' }
  return { kind: 'stale', content }
}

/** Removes the file of a `stale` state, unless another process has replaced it since. */
export async function removeStale(dataDir: string, stale: Postmaster & { kind: 'stale' }): Promise<void> {
  const path = join(dataDir, 'postmaster.pid')
  if ((await readFile(path, 'utf8').catch(() => '')) === stale.content) await rm(path, { force: true })
}

/** The same for the lock beside the socket, which names a process as well and can outlive the other file. */
export async function removeStaleSocketLock(dataDir: string, socketDir: string): Promise<void> {
  const path = join(socketDir, `.s.PGSQL.${PORT}.lock`)
  const content = await readFile(path, 'utf8').catch(() => undefined)
  if (content === undefined) return
  const pid = Math.abs(Number.parseInt(content, 10))
  if ((await lookAt(pid, dataDir)).kind !== 'postmaster') await rm(path, { force: true })
}

/** `busy`: somebody is there but cannot serve now. */
async function knock(address: Address): Promise<'ready' | 'busy' | 'silent'> {
  const client = new Client({ ...address, connectionTimeoutMillis: 3_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'ready'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ECONNREFUSED' || code === 'ENOENT' ? 'silent' : 'busy'
  } finally {
    await client.end().catch(() => {})
  }
}

type Process = { kind: 'none' | 'postmaster' | 'other'; parentPid: number }

/** A killed process that nobody has reaped still has a pid; it is `other`, because it holds nothing any more. */
async function lookAt(pid: number, dataDir: string): Promise<Process> {
  if (!Number.isInteger(pid) || pid <= 0) return { kind: 'none', parentPid: 0 }
  const [state = '', parent, ...command] =
    process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid)
  const parentPid = Number(parent)
  if (state === '') return { kind: 'none', parentPid: 0 }
  if (state.startsWith('Z')) return { kind: 'other', parentPid }
  const isOurs =
    command[0]?.endsWith('postgres') === true && `${command.join(' ')} `.includes(` -D ${dataDir} `)
  return { kind: isOurs ? 'postmaster' : 'other', parentPid }
}

/** State, parent, and the words of the command. */
async function fromProc(pid: number): Promise<string[]> {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
  const [status, command] = await Promise.all([read('stat'), read('cmdline')])
  // The name in parentheses can hold spaces and parentheses of its own.
  const [state = '', parent = ''] = status.slice(status.lastIndexOf(')') + 2).split(' ')
  return [state, parent, ...command.split('\0').slice(0, -1)]
}

function fromPs(pid: number): Promise<string[]> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'stat=,ppid=,command=', '-p', String(pid)], (error, stdout) => {
      resolve(error ? [] : stdout.trim().split(/ +/))
    })
  })
}
