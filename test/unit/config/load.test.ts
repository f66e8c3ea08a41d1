import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, withIrcSecrets } from '../../../src/config/index.ts'
import type { Environment } from '../../../src/config/environment.ts'
import type { IrcConfig } from '../../../src/networks/irc/config.ts'
import { PERMISSION_LEVELS } from '../../../src/bridge/permissions.ts'
import { ViaductError } from '../../../src/model/errors.ts'
import { folderWith, MINIMAL, SECRETS } from './folder.ts'

const load = (config: string, env: Environment = {}) =>
  loadConfig(folderWith({ 'config.yaml': config, 'secrets.yaml': SECRETS }), env)

/** The complaint about a configuration, without its folder. */
function complaint(config: string, env: Environment = {}): string {
  const path = folderWith({ 'config.yaml': config, 'secrets.yaml': SECRETS })
  try {
    loadConfig(path, env)
  } catch (error) {
    expect(error).toBeInstanceOf(ViaductError)
    expect(error).toMatchObject({ code: 'bad_config' })
    return String(error instanceof Error ? error.message : error).replaceAll(`${dirname(path)}/`, '')
  }
  throw new Error('it was accepted')
}

test('three keys are enough, the rest has defaults', () => {
  const path = folderWith({ 'config.yaml': MINIMAL, 'secrets.yaml': SECRETS })
  const { config, warnings } = loadConfig(path, {})
  expect(warnings).toEqual(['no network is set up: fill irc.networks, telegram.api_id, or whatsapp.enabled'])
  expect(config.homeserver).toMatchObject({ requestTimeoutMs: 60_000, mediaLimitBytes: 100_000_000 })
  expect(config.appservice.publicUrl).toBe('http://127.0.0.1:29340')
  expect(config.database).toEqual({ dataDir: join(dirname(path), 'data'), poolSize: 10 })
  expect(config.bridge).toMatchObject({ maxAgeMs: 86_400_000, commandPrefix: '!viaduct' })
  expect(config.irc).toEqual({ networks: [] })
})

test('WhatsApp alone is a network', () => {
  const file = `${MINIMAL}whatsapp: { enabled: true }\n`
  const { config, warnings } = loadConfig(folderWith({ 'config.yaml': file, 'secrets.yaml': SECRETS }), {})
  expect(config.whatsapp).toEqual({
    deviceName: 'Viaduct',
    backfill: { chats: 20, messages: 50 },
    relayAccounts: [],
  })
  const relays = `${MINIMAL}whatsapp: { enabled: true, relay_accounts: ["+49 151 12345678"] }\n`
  const named = loadConfig(folderWith({ 'config.yaml': relays, 'secrets.yaml': SECRETS }), {})
  expect(named.config.whatsapp?.relayAccounts).toEqual(['4915112345678'])
  expect(warnings).toEqual([])
})

test.each([
  [
    'an unknown key',
    'bridg:\n  max_age: 1h\n',
    'config.yaml, line 6: bridg: unknown key; did you mean bridge?',
  ],
  [
    'an unknown key deep inside',
    'irc:\n  networks:\n    - id: one\n      nick_templat: "{display}"\n      servers: [{ host: irc.example.org }]\n',
    'config.yaml, line 9: irc.networks[0].nick_templat: unknown key; did you mean irc.networks[0].nick_template?',
  ],
  [
    'a key in the wrong place',
    'data_dir: ./x\n',
    'config.yaml, line 6: data_dir: unknown key; did you mean database.data_dir?',
  ],
  ['a key that is like no other', 'zebra: 1\n', 'config.yaml, line 6: zebra: unknown key; remove it'],
  [
    'a duration without unit',
    'bridge:\n  max_age: 5\n',
    'config.yaml, line 7: bridge.max_age: expected a duration with its unit (ms, s, m, h, d, w), such as 30s, 1h30m or 90d',
  ],
  [
    'a choice that is none',
    'logging: { level: loud }\n',
    'config.yaml, line 6: logging.level: expected one of debug, info, warn, error',
  ],
  [
    'a port beyond the last',
    'http: { listen: { host: 127.0.0.1, port: 70000 } }\n',
    'config.yaml, line 6: http.listen.port: expected a whole number from 0 to 65535',
  ],
  [
    'a network without servers',
    'irc:\n  networks:\n    - id: one\n',
    'config.yaml, line 8: irc.networks[0].servers: is missing; expected a list',
  ],
  [
    'a word that no template knows',
    'bridge:\n  displayname_template: "{nam}"\n',
    'config.yaml, line 7: bridge.displayname_template: expected a text with {name}; known are {name}, {network}',
  ],
  [
    'two networks of one id',
    networks('one', 'one'),
    'config.yaml, line 10: irc.networks[1].id: is used twice',
  ],
  [
    'a bot that looks like a ghost',
    'appservice: { bot_localpart: _irc_bot }\n',
    'config.yaml, line 6: appservice.bot_localpart: looks like one of the bridged people; choose another name',
  ],
  ['what is no YAML', 'bridge: [\n', 'config.yaml, line 7: not valid YAML'],
  ['an unquoted channel', 'x: @y\n', 'config.yaml, line 6: not valid YAML'],
])('%s is refused, with its line and what to do', (_name, text, expected) => {
  expect(complaint(MINIMAL + text)).toContain(expected)
})

test('a mistyped key that has to be there is told once, and problems come in the order of the file', () => {
  const text = 'homeserver:\n  url: nowhere\n  server_nmae: example.org\nshutdown: { drain: x }\n'
  const lines = complaint(text).split('\n')
  expect(lines.map((line) => line.split(': ')[0] + ' ' + line.split(': ')[1])).toEqual([
    'config.yaml, line 2 homeserver.url',
    'config.yaml, line 3 homeserver.server_nmae',
    'config.yaml, line 4 shutdown.drain',
  ])
})

test('a key without a value counts as not there', () => {
  expect(load(`${MINIMAL}irc:\nlogging:\n  pretty:\n`).config.irc.networks).toEqual([])
})

test('a file that is not there is named, with the command that makes it', () => {
  expect(() => loadConfig('/nonexistent/config.yaml', {})).toThrow(/nonexistent.*viaduct init/)
})

test('the environment counts more than the file, with the types of the schema', () => {
  const { config } = load(MINIMAL + networks('one'), {
    VIADUCT__HOMESERVER__SERVER_NAME: '123',
    VIADUCT__APPSERVICE__LISTEN__PORT: '0',
    VIADUCT__METRICS__ENABLED: 'false',
    VIADUCT__BRIDGE__RETENTION__BODIES: '2h',
    VIADUCT__IRC__NETWORKS__0__BOT__NICK: 'other',
    VIADUCT__IRC__NETWORKS__1: '{ id: two, servers: [{ host: irc.two.example }] }',
    VIADUCT__PERMISSIONS: '{ "@other:example.org": user }',
    VIADUCT__LOGGING__LEVEL: '',
    VIADUCT_OTHER: 'ignored',
  })
  expect(config.homeserver.serverName).toBe('123')
  expect(config.appservice.listen.port).toBe(0)
  expect(config.metrics.enabled).toBe(false)
  expect(config.bridge.retention.bodiesMs).toBe(7_200_000)
  expect(config.irc.networks.map(({ id, bot }) => [id, bot.nick])).toEqual([
    ['one', 'other'],
    ['two', 'viaduct'],
  ])
  expect(config.permissions).toEqual({ '@other:example.org': 'user' })
})

test.each([
  ['VIADUCT__HOMESERVER__ULR', 'x', 'Did you mean VIADUCT__HOMESERVER__URL?'],
  ['VIADUCT__IRC__NETWORKS__0__NAM', 'x', 'Did you mean VIADUCT__IRC__NETWORKS__0__NAME?'],
  ['VIADUCT__IRC__NETWORKS__7__NAME', 'x', 'there is no entry before number 7'],
  [
    'VIADUCT__SHUTDOWN__DRAIN',
    'x',
    'environment, VIADUCT__SHUTDOWN__DRAIN: shutdown.drain: expected a duration',
  ],
  ['VIADUCT__HTTP', '{', 'not valid YAML'],
])('a bad variable is named: %s=%s', (name, value, expected) => {
  const message = complaint(MINIMAL, { [name]: value })
  expect(message).toContain(name)
  expect(message).toContain(expected)
})

test('what may surprise is a warning', () => {
  const text = MINIMAL.replace('127.0.0.1:8008', 'matrix.example.org').replace(
    '"@admin:example.org": admin',
    '"*": user',
  )
  const { warnings } = load(text + networks('one').replace('example }', 'example, tls: false, port: 6667 }'))
  expect(warnings.join('\n')).toMatch(/no admin[^]*every server[^]*unencrypted[^]*media_proxy[^]*without TLS/)
  expect(load(MINIMAL.replace(/permissions:[^]*/, '')).warnings.join()).toContain('nobody may use the bridge')
})

test('a PEM file is read, from the folder of the configuration', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'
  const config = MINIMAL + networks('one').replace('example }', 'example, ca: ca.pem }')
  const path = folderWith({ 'config.yaml': config, 'secrets.yaml': SECRETS, 'ca.pem': pem })
  expect(loadConfig(path, {}).config.irc.networks[0]?.servers[0]?.ca).toBe(pem)
  writeFileSync(join(dirname(path), 'ca.pem'), 'nothing')
  expect(() => loadConfig(path, {})).toThrow(/servers\[0\]\.ca: the file .*ca\.pem holds no certificate/)
})

test('the part about IRC is what its connector takes', () => {
  const { config, secrets } = load(MINIMAL + networks('one'))
  const irc: IrcConfig = withIrcSecrets(config.irc, secrets)
  expect(irc.networks).toHaveLength(1)
})

test('permissions are those of the bridge', () => {
  for (const level of PERMISSION_LEVELS) {
    const text = MINIMAL.replace('": admin', `": ${level}`)
    expect(load(text).config.permissions).toEqual({ '@admin:example.org': level })
  }
  expect(complaint(MINIMAL.replace('": admin', '": root'))).toContain(
    `expected one of ${PERMISSION_LEVELS.join(', ')}`,
  )
})

function networks(...ids: string[]): string {
  const entries = ids.map((id) => `    - id: ${id}\n      servers: [{ host: irc.${id}.example }]\n`)
  return `irc:\n  networks:\n${entries.join('')}`
}
