import { execFile } from 'node:child_process'
import { cp, lstat, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Database } from '../../../src/store/db.ts'
import { chooseAccount, giveTo } from '../../../src/store/embedded/account.ts'
import { findBinaries } from '../../../src/store/embedded/binaries.ts'
import { clusterOwner, createCluster } from '../../../src/store/embedded/cluster.ts'
import { explain } from '../../../src/store/embedded/explain.ts'
import { startGuarded } from '../../../src/store/embedded/guarded.ts'
import { inspect } from '../../../src/store/embedded/postmaster.ts'
import { launch } from '../../../src/store/embedded/server.ts'

const run = promisify(execFile)
const settings = { sync: false, log: () => {} }
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viaduct-parts-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** The platform package as an install without scripts leaves it. */
async function packageWithoutLinks(name: string): Promise<string> {
  const root = join(folder, name)
  const { postgres } = await findBinaries(join(folder, 'unused'))
  const original = dirname(dirname(dirname(postgres)))
  for (const part of ['native/bin', 'native/lib', 'native/pg-symlinks.json']) {
    await cp(join(original, part), join(root, part), {
      recursive: true,
      filter: async (source) => !(await lstat(source)).isSymbolicLink(),
    })
  }
  return root
}

test('the links that the install script makes are made when they are missing, by two at once too', async () => {
  const root = await packageWithoutLinks('writable')
  const postgres = join(root, 'native/bin/postgres')
  await expect(run(postgres, ['--version'])).rejects.toThrow(/shared libraries|Library not loaded/)
  const linkDir = join(folder, 'writable.lib')
  const both = await Promise.all([findBinaries(linkDir, root), findBinaries(linkDir, root)])
  for (const { env } of both) expect(env).toEqual({})
  expect((await run(postgres, ['--version'])).stdout).toMatch(/PostgreSQL.* 18/)
  await expect(stat(linkDir)).rejects.toThrow('ENOENT')
})

test('a read-only package gets its links beside the data', async () => {
  const root = await packageWithoutLinks('read-only')
  const refuse: typeof symlink = async () => {
    throw Object.assign(new Error('read-only file system'), { code: 'EROFS' })
  }
  const linkDir = join(folder, 'read-only.lib')
  const both = await Promise.all([findBinaries(linkDir, root, refuse), findBinaries(linkDir, root, refuse)])
  for (const { postgres, env } of both) {
    await expect(run(postgres, ['--version'])).rejects.toThrow(/shared libraries|Library not loaded/)
    expect((await run(postgres, ['--version'], { env })).stdout).toMatch(/PostgreSQL.* 18/)
  }
})

test('as root the server runs as an account where namespaces are not allowed; otherwise as we are', async () => {
  const dataDir = join(folder, 'account', 'pg')
  await mkdir(dirname(dataDir), { mode: 0o711 })
  await run('chmod', ['711', folder])
  const binaries = await findBinaries(`${dataDir}.lib`)
  const account = await chooseAccount(binaries, dataDir, undefined, ['self', 'user'])
  expect(account.kind).toBe(process.getuid?.() === 0 ? 'user' : 'self')
  await createCluster(dataDir, binaries, account, settings)
  const server = launch(dataDir, dataDir, binaries, account, settings)
  const ready = async () => {
    for (;;) {
      const found = await inspect(dataDir)
      if (found.kind === 'ready') return found.address
      await new Promise((done) => setTimeout(done, 10))
    }
  }
  const died = server.exited.then(({ lines }) => {
    throw new Error(lines.join('\n'))
  })
  const db = await Database.open({ connection: await Promise.race([ready(), died]) })
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  await db.close()
  died.catch(() => {})
  await server.end()
  const uid = account.ids?.uid ?? process.getuid?.()
  expect(await clusterOwner(dataDir)).toMatchObject({ uid })
  // The same account is chosen for its cluster, whatever else would be possible.
  expect(await chooseAccount(binaries, dataDir, await clusterOwner(dataDir))).toMatchObject({
    kind: account.kind,
  })
})

test('a cluster can be given to another account, links not followed', async () => {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const ids = own.uid === 0 ? { uid: 65_534, gid: 65_534 } : own
  const given = join(folder, 'given')
  const other = join(folder, 'not-given')
  await mkdir(join(given, 'base'), { recursive: true })
  await mkdir(other)
  await symlink(other, join(given, 'base', 'link'))
  await giveTo(ids, given)
  expect(await stat(join(given, 'base'))).toMatchObject(ids)
  expect(await stat(given)).toMatchObject(ids)
  expect(await stat(other)).toMatchObject(own)
})

test('when no account can run it the error says what to set', async () => {
  const binaries = await findBinaries(join(folder, 'unused'))
  await expect(chooseAccount(binaries, join(folder, 'pg'), undefined, [])).rejects.toMatchObject({
    code: 'bad_config',
    message: expect.stringContaining('database.url'),
  })
})

test('a guarded program gives its exit code and its last words, and ends when asked', async () => {
  const said: string[] = []
  const failing = startGuarded(['sh', '-c', 'echo one; echo two >&2; exit 3'], { prefix: [] }, (line) =>
    said.push(line),
  )
  const { code, lines } = await failing.exited
  expect(code).toBe(3)
  expect(new Set(lines)).toEqual(new Set(['one', 'two']))
  expect(new Set(said)).toEqual(new Set(['one', 'two']))
  const missing = startGuarded(['/no/such/program'], { prefix: [] }, () => {})
  expect((await missing.exited).code).toBe(127)
  const script = `process.on('SIGINT', () => process.exit(7)); setInterval(() => {}, 1000); console.log('up')`
  let up: () => void = () => {}
  const isUp = new Promise<void>((done) => {
    up = done
  })
  const waiting = startGuarded([process.execPath, '-e', script], { prefix: [] }, () => up())
  await isUp
  await waiting.end()
  expect((await waiting.exited).code).toBe(7)
})

test('a guarded program that is not ready to be interrupted yet ends all the same', async () => {
  const handle = `process.on('SIGINT', () => process.exit(0)); setInterval(() => {}, 1000)`
  const script = 'sleep 0.5; exec "$0" -e "$1"'
  const starting = startGuarded(['sh', '-c', script, process.execPath, handle], { prefix: [] }, () => {})
  await starting.end()
  // By its own handler, or by the signal when that came before the handler was there.
  expect([0, 130]).toContain((await starting.exited).code)
})

test.each([
  [
    'FATAL:  could not write lock file "postmaster.pid": No space left on device',
    'database_full',
    'make room',
  ],
  ['FATAL:  data directory "/d" has wrong ownership', 'bad_config', 'belong to the user'],
  ['FATAL:  database files are incompatible with server', 'bad_config', 'another version'],
  ['postgres: error while loading shared libraries: libicuuc.so.60', 'bad_config', 'database.url'],
  ['PANIC:  could not locate a valid checkpoint record', 'database_down', 'valid checkpoint record'],
])('%s is explained', (line, code, words) => {
  const error = explain('The embedded database did not start', ['LOG:  starting', line])
  expect(error.code).toBe(code)
  expect(error.message).toContain(words)
})
