import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { registrationOf } from '../../../src/cli/registrations.ts'
import { loadConfig } from '../../../src/config/index.ts'
import type { Secrets } from '../../../src/config/index.ts'
import { run } from '../../../src/main.ts'
import { createLogger } from '../../../src/telemetry/log.ts'
import { SimHomeserver } from '../../sim/homeserver/index.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { INIT, newFolder, viaduct } from '../cli/terminal.ts'

const ADDRESS = 'http://127.0.0.1:29340/status'

let database: FreshDatabase
let homeserver: SimHomeserver
let folder: string
let said: string
const stopping: (() => Promise<void>)[] = []
beforeAll(async () => {
  database = await freshDatabase()
  folder = newFolder()
  said = (await viaduct(folder, [...INIT, '--irc', 'none'])).out
  const { config, secrets } = loadConfig(join(folder, 'config.yaml'), {})
  const { users, aliases, ...rest } = registrationOf(config, secrets)
  const regexes = (list: { regex: string }[]) => list.map(({ regex }) => regex)
  homeserver = await SimHomeserver.start({
    serverName: 'example.org',
    appservices: [{ ...rest, url: null, userRegexes: regexes(users), aliasRegexes: regexes(aliases) }],
  })
})
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop()
})
afterAll(async () => {
  await homeserver.close()
  await database.drop()
})

/** A Viaduct from the files that `init` wrote. */
async function start(environment: Record<string, string> = {}): Promise<{ url: string; secrets: Secrets }> {
  const { config, secrets } = loadConfig(join(folder, 'config.yaml'), {
    VIADUCT__DATABASE__URL: database.url,
    VIADUCT__HOMESERVER__URL: homeserver.url,
    VIADUCT__APPSERVICE__LISTEN__PORT: '0',
    ...environment,
  })
  const running = await run(config, secrets, { log: createLogger({ write: () => {} }) })
  stopping.push(() => running.stop())
  return { url: `http://127.0.0.1:${running.port}`, secrets }
}

test('what `init` made opens the page at the address that it names', async () => {
  expect(said).toContain(ADDRESS)
  const { url, secrets } = await start()
  const { pathname } = new URL(ADDRESS)
  expect((await fetch(url + pathname)).status).toBe(200)
  expect((await fetch(`${url}${pathname}/api`)).status).toBe(401)
  const headers = { authorization: `Bearer ${secrets.adminToken ?? 'none'}` }
  const answer = await fetch(`${url}${pathname}/api`, { headers })
  expect([answer.status, await answer.json()]).toMatchObject([200, { database: { ok: true }, ledger: {} }])
})

test('health is answered beside it', async () => {
  const { url } = await start()
  expect((await fetch(`${url}/health/live`)).status).toBe(200)
})

test('`http.admin: false` switches it off', async () => {
  const { url, secrets } = await start({ VIADUCT__HTTP__ADMIN: 'false' })
  const headers = { authorization: `Bearer ${secrets.adminToken ?? 'none'}` }
  for (const path of ['/status', '/status/api'])
    expect((await fetch(url + path, { headers })).status).toBe(404)
})
