import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Database } from '../../../src/store/db.ts'
import { startEmbedded } from '../../../src/store/embedded/start.ts'
import type { Embedded } from '../../../src/store/embedded/start.ts'

const CHILD = fileURLToPath(new URL('./embedded-child.ts', import.meta.url))

let folder = ''
let dataDir = ''
let template = ''
const servers: Embedded[] = []
const children: ChildProcess[] = []

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'viaduct-embedded-'))
  const server = await startEmbedded({ dataDir: join(template, 'pg'), unsafeNoSync: true })
  await server.stop()
})

afterAll(async () => {
  await rm(template, { recursive: true, force: true })
})

/** A cluster as an earlier run would have left it, in a fraction of the time. */
async function earlierCluster(): Promise<void> {
  await cp(join(template, 'pg'), dataDir, { recursive: true })
  await chmod(dataDir, 0o700)
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viaduct-embedded-'))
  dataDir = join(folder, 'pg')
})

afterEach(async () => {
  for (const child of children.splice(0)) await killed(child)
  for (const server of servers.splice(0)) await server.stop()
  await until(() => postmasterPid() === undefined || !isRunning(postmasterPid()))
  await rm(folder, { recursive: true, force: true })
})

async function start(options: { dataDir?: string; log?: (line: string) => void } = {}): Promise<Embedded> {
  const server = await startEmbedded({ dataDir, ...options })
  servers.push(server)
  return server
}

async function withDb<T>(server: Embedded, fn: (db: Database) => Promise<T>): Promise<T> {
  const db = await Database.open({ connection: server.connection, poolSize: 2 })
  try {
    return await fn(db)
  } finally {
    await db.close()
  }
}

/** A child program, and the lines that it has printed. */
function run(): { child: ChildProcess; lines: string[] } {
  const child = spawn(process.execPath, [CHILD, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const lines: string[] = []
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  return { child, lines }
}

async function killed(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  await exited
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 5))
}

function postmasterPid(): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'), 10)
  } catch {
    return undefined
  }
}

function isRunning(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

const ids = (lines: string[]) => lines.filter((line) => /^\d+$/.test(line)).map(Number)

async function missing(server: Embedded, committed: number[]): Promise<number[]> {
  const rows = await withDb(server, (db) => db.query<{ id: number }>('select id from kept'))
  const kept = new Set(rows.map(({ id }) => id))
  return committed.filter((id) => !kept.has(id))
}

test('a first start makes a cluster, a second finds its data, and it is durable and closed to the network', async () => {
  const cold = await start()
  expect(cold.owned).toBe(true)
  await withDb(cold, async (db) => {
    await db.query('create table t (id int)')
    await db.query('insert into t values (1)')
    const [settings] = await db.query(
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('listen_addresses') as addresses, current_setting('data_checksums') as checksums`,
    )
    expect(settings).toEqual({ fsync: 'on', commit: 'on', addresses: '', checksums: 'on' })
  })
  const pid = postmasterPid()
  await cold.stop()
  expect(isRunning(pid)).toBe(false)
  expect(await readdir(folder)).toEqual(['pg'])
  const warm = await start()
  expect(warm.connection).toEqual(cold.connection)
  expect(await withDb(warm, (db) => db.query('select id from t'))).toEqual([{ id: 1 }])
})

test('two processes that start at once share one server', async () => {
  const both = [run(), run()]
  await until(() => both.every(({ lines }) => ids(lines).length > 5))
  expect(new Set(both.map(({ lines }) => lines[0]))).toEqual(new Set(['ready guest', 'ready owned']))
  const server = await start()
  expect(server.owned).toBe(false)
  const writers = await withDb(server, (db) => db.query('select distinct writer from kept'))
  expect(writers).toHaveLength(2)
})

test('a process that uses the server takes over when its owner stops', async () => {
  await earlierCluster()
  const owner = run()
  await until(() => ids(owner.lines).length > 0)
  const server = await start()
  const db = await Database.open({ connection: server.connection, poolSize: 2 })
  owner.child.stdin?.end()
  await until(() => owner.child.exitCode !== null)
  expect(owner.child.exitCode).toBe(0)
  await until(() => server.owned)
  await until(() =>
    db.query('select 1').then(
      () => true,
      () => false,
    ),
  )
  await db.close()
  expect(await missing(server, ids(owner.lines))).toEqual([])
})

test('a server that dies is started again', async () => {
  await earlierCluster()
  const server = await start()
  const first = postmasterPid()
  if (first === undefined) throw new Error('no postmaster.pid')
  process.kill(first, 'SIGKILL')
  await until(() => !isRunning(first) && isRunning(postmasterPid()))
  await until(() => server.owned)
  expect(postmasterPid()).not.toBe(first)
  expect(await withDb(server, (db) => db.query('select 1 as one'))).toEqual([{ one: 1 }])
})

test('when its process is killed the server goes too, and every committed row is there', async () => {
  await earlierCluster()
  const committed: number[] = []
  for (let round = 0; round < 4; round++) {
    const { child, lines } = run()
    await until(() => ids(lines).length > 20 * (round + 1))
    const pid = postmasterPid()
    expect(isRunning(pid)).toBe(true)
    await killed(child)
    // The next round may begin while the server is still shutting down.
    if (round % 2 === 0) await until(() => !isRunning(pid))
    committed.push(...ids(lines))
  }
  expect(await missing(await start(), committed)).toEqual([])
})

test('when the whole family is killed at once every committed row is there', async () => {
  await earlierCluster()
  const { child, lines } = run()
  await until(() => ids(lines).length > 30)
  const pid = postmasterPid()
  if (pid === undefined) throw new Error('no postmaster.pid')
  process.kill(pid, 'SIGKILL')
  await killed(child)
  expect(await missing(await start(), ids(lines))).toEqual([])
})

const inUnfinished = (file: string) => {
  const name = readdirSync(folder).find((entry) => entry.startsWith('pg.new-'))
  return name !== undefined && existsSync(join(folder, name, file))
}

test.each([
  ['at once', () => true],
  ['when the folder is made', () => inUnfinished('.')],
  ['when the first files are there', () => inUnfinished('PG_VERSION')],
  ['when it is being filled', () => inUnfinished('base/5')],
  ['when the folder has its name', () => existsSync(dataDir)],
  ['when the server starts', () => postmasterPid() !== undefined],
])('a first start that is killed %s leaves nothing that stops the next', async (_, moment) => {
  const { child } = run()
  await until(() => moment() || existsSync(dataDir))
  await killed(child)
  const server = await start()
  expect(await withDb(server, (db) => db.query('select 1 as one'))).toEqual([{ one: 1 }])
  expect((await readdir(folder)).filter((name) => name.includes('.new-'))).toEqual([])
})

test('a folder whose path is too long for a socket gets one elsewhere, the same each time', async () => {
  const deep = join(folder, 'x'.repeat(120), 'pg')
  await cp(join(template, 'pg'), deep, { recursive: true })
  await chmod(deep, 0o700)
  const server = await start({ dataDir: deep })
  expect(server.socketDir.startsWith(deep)).toBe(false)
  expect(await withDb(server, (db) => db.query('select 1 as one'))).toEqual([{ one: 1 }])
  const guest = await start({ dataDir: deep })
  expect(guest.owned).toBe(false)
  await guest.stop()
  await server.stop()
  const again = await start({ dataDir: deep })
  expect(again.socketDir).toBe(server.socketDir)
  await again.stop()
  await rm(server.socketDir, { recursive: true })
})

test('a pid file that names a live stranger does not stop a start', async () => {
  await earlierCluster()
  const stranger = spawn('sleep', ['1000'])
  children.push(stranger)
  await writeFile(join(dataDir, 'postmaster.pid'), pidFile(stranger.pid))
  await writeFile(join(dataDir, '.s.PGSQL.5432.lock'), pidFile(stranger.pid))
  expect((await start()).owned).toBe(true)
})

test('a socket lock alone that names a live stranger does not stop a start', async () => {
  await earlierCluster()
  const stranger = spawn('sleep', ['1000'])
  children.push(stranger)
  await writeFile(join(dataDir, '.s.PGSQL.5432.lock'), pidFile(stranger.pid))
  expect((await start()).owned).toBe(true)
})

test('a pid file that names an unreaped process does not stop a start', async () => {
  await earlierCluster()
  // `sleep` replaces the shell and never reaps the shell's child.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 1000'])
  children.push(parent)
  const pid = await new Promise<number>((done) => parent.stdout.once('data', (data) => done(Number(data))))
  await until(() => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
  await writeFile(join(dataDir, 'postmaster.pid'), pidFile(pid))
  expect((await start()).owned).toBe(true)
})

test('a folder with other files in it is refused and left alone', async () => {
  await mkdir(dataDir)
  await writeFile(join(dataDir, 'letters.txt'), 'mine')
  await expect(start()).rejects.toMatchObject({
    code: 'bad_config',
    message: expect.stringContaining(dataDir),
  })
  expect(await readdir(folder)).toEqual(['pg'])
  expect(await readdir(dataDir)).toEqual(['letters.txt'])
})

function pidFile(pid: number | undefined): string {
  return `${pid}\n${dataDir}\n1700000000\n5432\n${dataDir}\n\n  5432001         1\nready   \n`
}
