import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { databaseUrl, loadConfig, withIrcSecrets } from '../../../src/config/index.ts'
import { folderWith, KEY, MINIMAL, SECRETS } from './folder.ts'

const WITH_IRC = `${MINIMAL}irc:\n  networks:\n    - { id: my-net, servers: [{ host: irc.example.org }] }\n`

const load = (secrets: string, env: Record<string, string> = {}, config = WITH_IRC) =>
  loadConfig(folderWith({ 'config.yaml': config, 'secrets.yaml': secrets }), env)

test('no way of printing shows a secret, and the configuration holds none', () => {
  const url = 'postgresql://me:hunter2hunter2@db.example.org/viaduct'
  const loaded = load(
    `${SECRETS}irc: { my-net: { bot_password: botbotbot } }\n`,
    {},
    `${WITH_IRC}database: { url: "${url}" }\n`,
  )
  const shown = [
    JSON.stringify(loaded),
    inspect(loaded, { depth: 9, showHidden: true }),
    String(loaded.secrets),
    JSON.stringify(Object.assign({}, loaded.secrets)),
  ].join('\n')
  for (const secret of ['as-as', 'hs-hs', KEY, 'hunter2', 'botbot']) expect(shown).not.toContain(secret)
  expect(loaded.secrets.known()).toEqual(expect.arrayContaining(['hunter2hunter2', 'botbotbot', KEY]))
  expect(databaseUrl(loaded.config.database.url ?? '', loaded.secrets)).toBe(url)
})

test('a password goes into a URL without a host, too', () => {
  const { secrets } = load(`${SECRETS}database_password: "p@ss w&rd"\n`)
  const url = new URL(databaseUrl('postgresql:///viaduct?host=/run/postgresql&user=me', secrets))
  expect(url.searchParams.get('password')).toBe('p@ss w&rd')
})

test('the environment counts more than the file, and can name files', () => {
  const path = folderWith({
    'config.yaml': WITH_IRC,
    'secrets.yaml': SECRETS,
    token: 'from-a-file-12345678\n',
  })
  const { secrets, config } = loadConfig(path, {
    VIADUCT_AS_TOKEN_FILE: join(dirname(path), 'token'),
    VIADUCT_ADMIN_TOKEN: 'from-the-environment',
    VIADUCT_IRC_MY_NET_BOT_PASSWORD: 'secret-of-the-bot',
    VIADUCT_IRC_MY_NET_SERVER_PASSWORD: 'secret-of-the-server',
  })
  expect(secrets.asToken).toBe('from-a-file-12345678')
  expect(secrets.adminToken).toBe('from-the-environment')
  const [network] = withIrcSecrets(config.irc, secrets).networks
  expect(network).toMatchObject({
    serverPassword: 'secret-of-the-server',
    bot: { password: 'secret-of-the-bot' },
  })
  expect(config.irc.networks[0]).not.toHaveProperty('serverPassword')
})

test('without a file the environment is enough', () => {
  const path = folderWith({ 'config.yaml': MINIMAL })
  const env = {
    VIADUCT_AS_TOKEN: 'a'.repeat(32),
    VIADUCT_HS_TOKEN: 'b'.repeat(32),
    VIADUCT_ENCRYPTION_KEY: KEY,
  }
  expect(loadConfig(path, env).secrets.encryptionKey).toEqual(Buffer.alloc(32, 7))
  expect(() => loadConfig(path, {})).toThrow(/no .*secrets\.yaml: run `viaduct init`[^]*as_token: is missing/)
})

test.each([
  [
    'a short key',
    SECRETS.replace(KEY, 'c2hvcnQ='),
    'line 3: encryption_key: expected exactly 32 bytes in base64',
  ],
  [
    'an unknown key',
    `${SECRETS}admin_tokn: abc\n`,
    'line 4: admin_tokn: unknown key; did you mean admin_token?',
  ],
  [
    'equal tokens',
    SECRETS.replace('hs-hs-hs-hs-hs-hs-hs', 'as-as-as-as-as-as-as'),
    'as_token and hs_token are the same',
  ],
  ['a short token', SECRETS.replace('as-as-as-as-as-as-as', 'abc'), 'line 1: as_token: expected at least 16'],
])('%s is refused without being shown', (_name, text, expected) => {
  let message = ''
  try {
    load(text)
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain(expected)
  expect(message).not.toMatch(/c2hvcnQ|: abc\b|as-as/)
})

test('a variable that names no readable file is told', () => {
  expect(() => load(SECRETS, { VIADUCT_HS_TOKEN_FILE: '/nonexistent/token' })).toThrow(
    /VIADUCT_HS_TOKEN_FILE: \/nonexistent\/token cannot be read/,
  )
})

test('secrets that others can read, or that belong to no network, are warned of', () => {
  const path = folderWith({ 'config.yaml': MINIMAL, 'secrets.yaml': SECRETS }, { 'secrets.yaml': 0o644 })
  expect(loadConfig(path, {}).warnings.join()).toMatch(
    /others on this machine can read it \(mode 644\); run: chmod 600/,
  )
  expect(load(`${SECRETS}irc: { other: { bot_password: x } }\n`).warnings.join('\n')).toContain(
    'irc.other names no network',
  )
})

test('links are signed with a key of their own, the same at every start', () => {
  const one = load(SECRETS).secrets.mediaKey
  expect(one).toEqual(load(SECRETS).secrets.mediaKey)
  expect(one).not.toEqual(load(SECRETS).secrets.encryptionKey)
  expect(load(`${SECRETS}media_key: ${KEY}\n`).secrets.mediaKey).toEqual(Buffer.alloc(32, 7))
})

test('secrets can stand elsewhere', () => {
  const path = folderWith({ 'config.yaml': MINIMAL })
  const elsewhere = join(dirname(path), 'elsewhere.yaml')
  writeFileSync(elsewhere, SECRETS, { mode: 0o600 })
  expect(loadConfig(path, { VIADUCT_SECRETS: elsewhere }).secrets.hsToken).toBe('hs-hs-hs-hs-hs-hs-hs')
})
