import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { registrationOf } from '../../../src/cli/registrations.ts'
import { loadConfig } from '../../../src/config/index.ts'
import { SimHomeserver } from '../../sim/homeserver/index.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { INIT, newFolder, viaduct } from './terminal.ts'

const CLI = new URL('../../../bin/viaduct.js', import.meta.url).pathname

let database: FreshDatabase
let homeserver: SimHomeserver
let folder: string
const children: ChildProcess[] = []
beforeAll(async () => {
  database = await freshDatabase()
  folder = newFolder()
  await viaduct(folder, [...INIT, '--irc', 'none'])
  const { config, secrets } = loadConfig(join(folder, 'config.yaml'), {})
  const { users, aliases, ...rest } = registrationOf(config, secrets)
  const regexes = (list: { regex: string }[]) => list.map(({ regex }) => regex)
  homeserver = await SimHomeserver.start({
    serverName: 'example.org',
    appservices: [{ ...rest, url: null, userRegexes: regexes(users), aliasRegexes: regexes(aliases) }],
  })
})
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')))
afterAll(async () => {
  await homeserver.close()
  await database.drop()
})

type Started = { child: ChildProcess; until: (text: string) => Promise<string>; exit: Promise<number> }

/** The program as a process of its own, with whatever it has written so far. */
const start = (...words: string[]): Started => startOn(0, ...words)

function startOn(port: number, ...words: string[]): Started {
  const child = spawn(process.execPath, words[0] === '--eval' ? words : [CLI, ...words], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      VIADUCT__DATABASE__URL: database.url,
      VIADUCT__HOMESERVER__URL: homeserver.url,
      VIADUCT__APPSERVICE__LISTEN__PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let written = ''
  const changed = new EventTarget()
  const take = (bytes: Buffer) => {
    written += bytes.toString()
    changed.dispatchEvent(new Event('text'))
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  const exit = once(child, 'close').then(
    ([code, signal]) => (typeof code === 'number' ? code : signal) as number,
  )
  const until = async (text: string) => {
    while (!written.includes(text)) {
      await Promise.race([
        once(changed, 'text'),
        exit.then((code) => Promise.reject(new Error(`ended with ${code}: ${written}`))),
      ])
    }
    return written
  }
  return { child, until, exit }
}

test('a start that fails says why and ends with 1, so that whoever supervises it starts it again', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const { until, exit } = startOn(port, 'run')
  const said = until('appservice.listen')
  expect(await said).toContain(`127.0.0.1:${port} is in use`)
  expect(await exit).toBe(1)
  taken.close()
})

test('SIGTERM drains and ends with 0; the log is JSON without secrets', async () => {
  const { child, until, exit } = start('run')
  const log = await until('viaduct runs')
  const port = Number(/"port":(\d+)/.exec(log)?.[1])
  const live = await fetch(`http://127.0.0.1:${port}/health/live`)
  expect(await live.json()).toEqual({ live: true })
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('viaduct_build_info{')
  child.kill('SIGTERM')
  const all = await until('"msg":"stopped"')
  expect(await exit).toBe(0)
  const { secrets } = loadConfig(join(folder, 'config.yaml'), {})
  for (const secret of secrets.known()) expect(all).not.toContain(secret)
  for (const line of all.trim().split('\n')) expect(() => JSON.parse(line) as unknown, line).not.toThrow()
})

test('a configuration that cannot be used ends with 1 and its fault', async () => {
  const { until, exit } = start('run', '--config', 'elsewhere.yaml')
  await until('elsewhere.yaml cannot be read')
  expect(await exit).toBe(1)
})

test('a second signal ends it at once, whatever it is about', async () => {
  const url = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href)
  const { child, until, exit } = start(
    '--eval',
    `Promise.all([import(${url('cli/until-signal.ts')}), import(${url('telemetry/log.ts')})]).then(([cli, telemetry]) => {
       const log = telemetry.createLogger()
       setInterval(() => {}, 1000)
       void cli.untilSignal(() => new Promise(() => {}), log, 60_000)
       log.info('waiting')
     })`,
  )
  await until('waiting')
  child.kill('SIGTERM')
  await until('a second signal ends at once')
  child.kill('SIGINT')
  expect(await exit).toBe(1)
})
