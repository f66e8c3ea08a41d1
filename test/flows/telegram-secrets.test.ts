import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LoginId } from '../../src/model/ids.ts'
import { TelegramConnector } from '../../src/networks/telegram/connector.ts'
import { LoginSession, Vault } from '../../src/store/session.ts'
import { Metrics, createLogger } from '../../src/telemetry/index.ts'
import { Stack } from '../support/stack.ts'
import { startTelegram } from '../support/telegram.ts'
import type { TestTelegram } from '../support/telegram.ts'

/** Secrets of logins to Telegram: where they are, and where they are not. */
const API_HASH = 'a0b1c2d3e4f5a0b1c2d3e4f5a0b1c2d3'
const PASSWORD = 'correct horse 4711'
const TOKEN = '987654:AAH-very-secret-token'
const VAULT = Buffer.alloc(32, 1)

let telegram: TestTelegram
let stack: Stack
let metrics: Metrics
let lines: string[]

beforeEach(async () => {
  lines = []
  // As much is logged as can be, and no secret is known to the log beforehand.
  const log = createLogger({ level: 'debug', write: (line) => lines.push(line) })
  metrics = new Metrics(log, { process: false })
  telegram = await startTelegram()
  telegram.config.apiHash = API_HASH
  const connectors = () => [
    new TelegramConnector(telegram.config, { backoffMs: 10, observer: metrics.telegram }),
  ]
  stack = await Stack.start(connectors, { log, keys: { vault: VAULT, links: Buffer.alloc(32, 2) } })
})

afterEach(async () => {
  await stack.close()
  await telegram.wire.stop()
  metrics.close()
})

/** All that is kept in the database, as text and in hex. */
async function database(): Promise<string> {
  const { db } = stack.database
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = current_schema()`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    for (const row of await db.query(`select * from "${name}"`)) {
      for (const value of Object.values(row as Record<string, unknown>)) {
        if (Buffer.isBuffer(value)) found.push(value.toString('latin1'), value.toString('hex'))
        else found.push(JSON.stringify(value) ?? '')
      }
    }
  }
  return found.join('\n')
}

/** Everything that somebody may see, by where it is. */
async function places(): Promise<Record<string, string>> {
  const { homeserver } = stack
  return {
    log: lines.join('\n'),
    metrics: (await metrics.expose()).body,
    rooms: homeserver
      .roomIds()
      .map((id) => JSON.stringify(homeserver.timeline(id)))
      .join('\n'),
    database: await database(),
  }
}

/** Where a secret is found, in whatever form. */
async function where(secrets: Record<string, string | Buffer>): Promise<string[]> {
  const all = await places()
  return Object.entries(secrets).flatMap(([what, secret]) => {
    const bytes = Buffer.isBuffer(secret) ? secret : Buffer.from(secret)
    const forms = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')]
    if (!Buffer.isBuffer(secret)) forms.push(secret)
    return Object.entries(all).flatMap(([place, text]) =>
      forms.some((form) => text.includes(form)) ? [`${what} in ${place}`] : [],
    )
  })
}

async function keyOf(login: LoginId): Promise<Buffer> {
  const all = await new LoginSession(stack.database.db, new Vault(VAULT), login).all()
  const [key] = Object.entries(all).flatMap(([name, value]) => (/auth:\d/.test(name) ? [value] : []))
  return Buffer.from(key ?? '', 'base64')
}

async function loginIds(): Promise<LoginId[]> {
  const rows = await stack.database.db.query<{ id: LoginId }>('select id from login order by id')
  return rows.map(({ id }) => id)
}

test('code, password, token, key and api_hash are in no log, metric, room or table', async () => {
  const { tg, wire } = telegram
  const her = tg.user({ firstName: 'Alice', phone: '4915112345678', password: PASSWORD })
  tg.user({ firstName: 'Robot', username: 'robot', botToken: TOKEN })
  const alice = await stack.person('alice')
  await alice.ask('login telegram phone', 'phone number')
  await alice.ask('+4915112345678', 'sent you a code')
  const code = tg.codes.get(her.id) ?? ''
  wire.faults.fail('auth.signIn', 420, 'FLOOD_WAIT_5')
  await alice.ask(code, 'asks to wait')
  await alice.ask(code, 'two-step verification')
  await alice.ask(`${PASSWORD}!`, 'not the password')
  await alice.ask(PASSWORD, 'logged in to Telegram')
  await alice.ask('login telegram bot', 'token')
  wire.faults.fail('auth.importBotAuthorization', 500, 'INTERNAL')
  await alice.ask(TOKEN, 'What is the token')
  await alice.ask(TOKEN, 'logged in to Telegram as Robot')
  const keys = await Promise.all((await loginIds()).map(keyOf))
  expect(keys.map((key) => key.length)).toEqual([256, 256])
  // Something is sent, fails, and the login ends: faults have words too.
  wire.revoke(her.id, 'SESSION_REVOKED')
  wire.killConnections()
  await alice.heard('does not accept your login any more')
  await stack.homeserver.waitFor(
    () => !JSON.stringify(stack.homeserver.timeline(alice.botRoom)).includes(TOKEN),
    'the token to be gone from the room',
  )
  const secrets = {
    password: PASSWORD,
    token: TOKEN,
    api_hash: API_HASH,
    'her key': keys[0] ?? '',
    'its key': keys[1] ?? '',
  }
  expect(await where(secrets)).toEqual([])
  // Of five digits there may be others; it is none of a log's words, nor what a room says.
  expect(lines.filter((line) => line.includes(`"${code}"`))).toEqual([])
  const said = stack.homeserver.timeline(alice.botRoom).map(({ content }) => content['body'])
  expect(said).not.toContain(code)
  // It would have been found.
  expect(await where({ name: 'Robot' })).toEqual(['name in rooms', 'name in database'])
  expect(lines.join()).toContain('another device')
})

test('after a logout nothing is kept of the login, and Telegram has forgotten it', async () => {
  const { tg, wire } = telegram
  const her = tg.user({ firstName: 'Alice', phone: '4915112345678' })
  const alice = await stack.person('alice')
  await alice.ask('login telegram phone', 'phone number')
  await alice.ask('+4915112345678', 'sent you a code')
  await alice.ask(tg.codes.get(her.id) ?? '', 'logged in to Telegram')
  const [login] = await loginIds()
  if (login === undefined) throw new Error('no login')
  expect(await keyOf(login)).toHaveLength(256)
  await alice.ask('logout', 'its secrets are deleted')
  const rows = await stack.database.db.query('select key from session where login_id = $1', [login])
  expect(rows).toEqual([])
  expect(wire.journal.calls().filter(({ method }) => method === 'auth.logOut')).toHaveLength(1)
})
