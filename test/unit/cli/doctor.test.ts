import { chmodSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFolder, checkNode } from '../../../src/cli/doctor/machine.ts'
import { explain } from '../../../src/cli/doctor/reach.ts'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { registrationOf } from '../../../src/cli/registrations.ts'
import { loadConfig } from '../../../src/config/index.ts'
import type { Environment } from '../../../src/config/environment.ts'
import { SimHomeserver } from '../../sim/homeserver/index.ts'
import type { Registration } from '../../sim/homeserver/index.ts'
import { fingerprint, selfSigned, SimIrc } from '../../sim/irc/index.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { newFolder, viaduct } from './terminal.ts'

let database: FreshDatabase
let irc: SimIrc
let port: number
beforeAll(async () => {
  database = await freshDatabase()
  irc = await SimIrc.start({ network: 'SimNet', accounts: { viaduct: { password: 'right' } } })
  port = await freePort()
})
afterAll(async () => {
  await irc.close()
  await database.drop()
})

type Setting = { folder: string; env: Record<string, string>; homeserver: SimHomeserver }

/** A configured bridge and the homeserver that knows it, after `change` of what it knows. */
async function setUp(
  change: (registration: Registration) => Registration = (same) => same,
): Promise<Setting> {
  const folder = newFolder()
  const words = [
    'init',
    '--yes',
    '--server-name',
    'sim.local',
    '--admin',
    '@me:sim.local',
    '--listen',
    `127.0.0.1:${port}`,
  ]
  await viaduct(folder, [...words, '--irc', `127.0.0.1:${irc.port}`])
  const { config, secrets } = loadConfig(join(folder, 'config.yaml'), {})
  const { users, aliases, ...rest } = registrationOf(config, secrets)
  const regexes = (list: { regex: string }[]) => list.map(({ regex }) => regex)
  const known = { ...rest, userRegexes: regexes(users), aliasRegexes: regexes(aliases) }
  const homeserver = await SimHomeserver.start({ appservices: [change(known)] })
  const env = {
    VIADUCT__DATABASE__URL: database.url,
    VIADUCT__HOMESERVER__URL: homeserver.url,
    VIADUCT__IRC__NETWORKS__0__SERVERS__0__TLS: 'false',
  }
  return { folder, env, homeserver }
}

async function examine(
  { folder, env, homeserver }: Setting,
  more: Environment = {},
  words: string[] = [],
): Promise<{ code: number; findings: Finding[]; faults: string[] }> {
  try {
    const { code, out } = await viaduct(folder, ['doctor', '--json', ...words], { env: { ...env, ...more } })
    const { findings } = JSON.parse(out) as { findings: Finding[] }
    const faults = findings
      .filter(({ level }) => level === 'fault')
      .map(({ check, text }) => `${check}: ${text}`)
    expect(code).toBe(faults.length === 0 ? 0 : 1)
    return { code, findings, faults }
  } finally {
    await homeserver.close()
  }
}

test('when all is well it says so, line by line', async () => {
  const setting = await setUp()
  const { code, out } = await viaduct(setting.folder, ['doctor'], { env: setting.env })
  await setting.homeserver.close()
  expect(out).not.toContain('✗')
  expect(code).toBe(0)
  for (const line of [
    /^✓ Node\.js: /m,
    /^✓ registration: .* fits the configuration$/m,
    /^✓ database: PostgreSQL \d+/m,
    /^✓ schema: version \d+$/m,
    /^✓ as_token: /m,
    /^✓ server_name: sim\.local$/m,
    /^✓ bot: @viaductbot:sim\.local is registered now$/m,
    /^✓ namespaces: /m,
    /^✓ homeserver → bridge: works, in \d+ ms$/m,
    /^✓ IRC irc 127\.0\.0\.1:\d+: SimNet lets .* in; without TLS; nicks up to \d+; .*proof of arrival/m,
    /^All well\.$/m,
  ]) {
    expect(out).toMatch(line)
  }
})

test.each<[string, (registration: Registration) => Registration, RegExp]>([
  ['no registration', (r) => ({ ...r, asToken: 'other' }), /^as_token: the homeserver does not know it$/],
  ['another hs_token', (r) => ({ ...r, hsToken: 'other' }), /^homeserver → bridge: .*another hs_token$/],
  ['no url', (r) => ({ ...r, url: null }), /^homeserver → bridge: .*has no url$/],
  [
    'a url that leads nowhere',
    (r) => ({ ...r, url: 'http://127.0.0.1:1' }),
    /^homeserver → bridge: .*cannot connect/,
  ],
  ['another id', (r) => ({ ...r, id: 'other' }), /^homeserver → bridge: .*under another id/],
  [
    'other namespaces',
    (r) => ({ ...r, userRegexes: ['^@viaductbot:sim\\.local$'] }),
    /^namespaces: .*does not let/,
  ],
  [
    'no namespace for the bot',
    (r) => ({ ...r, userRegexes: ['^@_irc_.*$'] }),
    /^bot: @viaductbot:sim\.local cannot be/,
  ],
  [
    'another sender',
    (r) => ({ ...r, senderLocalpart: '_other' }),
    /^registration: .*another sender_localpart/,
  ],
])('%s in the homeserver is found', async (_name, change, expected) => {
  const { faults, findings } = await examine(await setUp(change), {}, ['--skip-irc'])
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(expected)
  expect(findings.find(({ level }) => level === 'fault')?.mend).toBeDefined()
})

test.each<[string, Environment, RegExp]>([
  [
    'a homeserver that is away',
    { VIADUCT__HOMESERVER__URL: 'http://127.0.0.1:1' },
    /^homeserver: .*ECONNREFUSED/,
  ],
  [
    'a wrong server name',
    { VIADUCT__HOMESERVER__SERVER_NAME: 'example.org' },
    /^server_name: the homeserver is sim\.local/,
  ],
  [
    'a database that is away',
    { VIADUCT__DATABASE__URL: 'postgresql://127.0.0.1:1/x' },
    /^database: .*ECONNREFUSED/,
  ],
  ['a mistyped key', { VIADUCT__HOMESERVER__ULR: 'x' }, /^configuration: .*Did you mean/],
])('%s is found', async (_name, env, expected) => {
  const { faults } = await examine(await setUp(), env, ['--skip-irc'])
  expect(
    faults.some((line) => expected.test(line)),
    faults.join('\n'),
  ).toBe(true)
})

test('media that cannot be uploaded, or only small files, are told', async () => {
  const setting = await setUp()
  setting.homeserver.faults.respond(
    { path: /\/upload/ },
    { status: 500, body: { errcode: 'M_UNKNOWN', error: 'full' } },
  )
  expect((await examine(setting, {}, ['--skip-irc'])).faults).toEqual(['media: upload failed: full'])
  const { findings } = await examine(await setUp(), { VIADUCT__HOMESERVER__MEDIA_LIMIT: '9GB' }, [
    '--skip-irc',
  ])
  expect(findings).toContainEqual(expect.objectContaining({ level: 'warning', check: 'media' }))
})

test('a port that something else uses is told', async () => {
  const setting = await setUp()
  const other = createHttpServer((_request, response) => response.writeHead(404).end('{}'))
  await new Promise<void>((resolve) => {
    other.listen(port, '127.0.0.1', resolve)
  })
  const { faults } = await examine(setting, {}, ['--skip-irc'])
  other.closeAllConnections()
  other.close()
  expect(faults).toEqual([expect.stringMatching(/^homeserver → bridge: something else .* status 404$/)])
})

test('IRC servers are tried as the bridge would: certificates, passwords, refusals', async () => {
  const pair = selfSigned('irc.sim')
  const secure = await SimIrc.start({ tls: pair })
  const server = { host: '127.0.0.1', port: secure.port }
  const networks = [
    { id: 'unsigned', servers: [server] },
    { id: 'pinned', servers: [{ ...server, pins: [fingerprint(pair.cert)] }] },
    {
      id: 'password',
      bot: { nick: 'viaduct' },
      servers: [{ host: '127.0.0.1', port: irc.port, tls: false }],
    },
    { id: 'gone', servers: [{ host: '127.0.0.1', port: 1, tls: false }] },
  ]
  const { findings } = await examine(await setUp(), {
    VIADUCT__IRC__NETWORKS: JSON.stringify(networks),
    VIADUCT__IRC__NETWORKS__0__SERVERS__0__TLS: 'true',
    VIADUCT_IRC_PASSWORD_BOT_PASSWORD: 'wrong',
  })
  await secure.close()
  const found = Object.fromEntries(
    findings
      .filter(({ check }) => check.startsWith('IRC '))
      .map(({ check, level, text }) => [check.split(' ')[1], [level, text]]),
  )
  expect(found).toEqual({
    unsigned: ['fault', expect.stringContaining('certificate')],
    pinned: ['ok', expect.stringContaining('by TLS')],
    password: ['fault', expect.stringContaining('refused the account')],
    gone: ['fault', expect.stringContaining('ECONNREFUSED')],
  })
})

test('the machine', async () => {
  expect(checkNode('24.1.0').level).toBe('ok')
  expect(checkNode('22.18.0')).toMatchObject({ level: 'fault', mend: expect.stringContaining('24') })
  expect((await checkFolder(join(newFolder(), 'new', 'data'))).level).toBe('ok')
  expect((await checkFolder(new URL('doctor.test.ts/data', import.meta.url).pathname)).level).toBe('fault')
})

test('an open secrets file is a warning', async () => {
  const setting = await setUp()
  chmodSync(join(setting.folder, 'secrets.yaml'), 0o644)
  const { findings } = await examine(setting, {}, ['--skip-irc'])
  expect(findings).toContainEqual(
    expect.objectContaining({ level: 'warning', text: expect.stringContaining('chmod 600') }),
  )
})

test.each([
  ['M_CONNECTION_TIMEOUT', 'fault', /does not answer/],
  ['M_UNRECOGNIZED', 'warning', /no ping/],
  [undefined, 'fault', /ping failed: odd/],
])('a ping that ends with %s', (errcode, level, expected) => {
  const answer = { status: 500, errcode, error: 'odd', body: {}, date: undefined }
  const finding = explain(answer, { pings: 0, wrongToken: false }, 'http://bridge')
  expect([finding.level, finding.text]).toEqual([level, expect.stringMatching(expected)])
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
