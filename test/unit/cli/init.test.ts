import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { networkOf, botNick } from '../../../src/cli/presets.ts'
import { loadConfig } from '../../../src/config/index.ts'
import { parseRegistration } from '../../../src/matrix/registration.ts'
import { INIT, newFolder, viaduct } from './terminal.ts'

const load = (folder: string) => loadConfig(join(folder, 'config.yaml'), {})
const mode = (folder: string, name: string) => (statSync(join(folder, name)).mode & 0o777).toString(8)

test('it writes three files that fit together, and says what to do next', async () => {
  const folder = newFolder()
  const { code, out } = await viaduct(folder, [
    ...INIT,
    '--irc',
    'libera',
    '--irc',
    'oftc',
    '--irc',
    'irc.ab.example:6667',
  ])
  expect(code).toBe(0)
  expect(out).toContain(`app_service_config_files: ["${folder}/registration.yaml"]`)
  expect(out).toContain('viaduct doctor')
  const { config, secrets } = load(folder)
  expect(config.permissions).toEqual({ '@me:example.org': 'admin', 'example.org': 'user' })
  expect(
    config.irc.networks.map(({ id, bot, servers }) => [id, bot.nick, servers[0]?.port, servers[0]?.tls]),
  ).toEqual([
    ['libera', 'example-vd', 6697, true],
    ['oftc', 'example-vd', 6697, true],
    ['ab', 'example-vd', 6667, false],
  ])
  expect(parseRegistration(readFileSync(join(folder, 'registration.yaml'), 'utf8'))).toMatchObject({
    asToken: secrets.asToken,
    hsToken: secrets.hsToken,
    senderLocalpart: config.appservice.senderLocalpart,
    url: 'http://127.0.0.1:29340',
  })
  expect(config.appservice.senderLocalpart).toMatch(/^_viaduct_as_[0-9a-f]{16}$/)
  expect([mode(folder, 'secrets.yaml'), mode(folder, 'registration.yaml')]).toEqual(['600', '600'])
})

test('the configuration keeps the comments of the example', async () => {
  const folder = newFolder()
  await viaduct(folder, INIT)
  const example = readFileSync(new URL('../../../config/viaduct.example.yaml', import.meta.url), 'utf8')
  const comments = (text: string) => text.split('\n').filter((line) => line.trim().startsWith('#'))
  expect(comments(readFileSync(join(folder, 'config.yaml'), 'utf8'))).toEqual(comments(example))
})

test('WhatsApp is set up when it is wanted, and whoever reads on knows how to link it', async () => {
  const folder = newFolder()
  const { out } = await viaduct(folder, [...INIT, '--irc', 'none', '--whatsapp', 'yes'])
  expect(load(folder).config.whatsapp?.deviceName).toBe('Viaduct')
  expect(load(folder).warnings).toEqual([])
  expect(out).toMatch(
    /\(WhatsApp\)[^]*@viaductbot:example\.org and say:\s+login whatsapp\n[^]*Linked devices/,
  )
  const without = newFolder()
  const { out: other } = await viaduct(without, INIT)
  expect(load(without).config.whatsapp).toBeUndefined()
  expect(other).toMatch(/say:\s+login irc\n/)
  expect(other).not.toContain('WhatsApp')
})

test('nothing is overwritten; with --force all but the secrets, and the old configuration is kept', async () => {
  const folder = newFolder()
  await viaduct(folder, INIT)
  const before = load(folder)
  const again = await viaduct(folder, INIT)
  expect(again.code).toBe(2)
  expect(again.err).toContain('There is already')
  writeFileSync(join(folder, 'config.yaml'), 'mine')
  const forced = await viaduct(folder, [
    ...INIT,
    '--force',
    '--irc',
    'none',
    '--public-url',
    'http://bridge:29340/',
  ])
  expect(forced.code).toBe(0)
  const { config, secrets } = load(folder)
  expect(secrets.asToken).toBe(before.secrets.asToken)
  expect(secrets.encryptionKey).toEqual(before.secrets.encryptionKey)
  expect(config.irc.networks).toEqual([])
  expect(config.appservice.publicUrl).toBe('http://bridge:29340')
  expect(readFileSync(join(folder, 'config.yaml.bak'), 'utf8')).toBe('mine')
})

test('a person is asked what was not said, again after a bad answer', async () => {
  const folder = newFolder()
  const answers = [
    '',
    'bad name',
    'example.org',
    '',
    'me',
    '@me:example.org',
    '0.0.0.0:1234',
    '',
    'libra',
    'oftc, libera',
    '12345',
    '12345:0123456789abcdef0123456789abcdef',
    'maybe',
    'Yes',
  ]
  const { code, out, err } = await viaduct(folder, ['init'], { answers })
  expect(code).toBe(0)
  expect(err).toMatch(
    /bad name: expected a server name[^]*me: expected a user id[^]*libra\. Did you mean libera\?/,
  )
  expect(out).toContain('as the homeserver reaches it [http://127.0.0.1:1234]')
  const { config, secrets } = load(folder)
  expect(config.homeserver).toMatchObject({ url: 'http://127.0.0.1:8008', serverName: 'example.org' })
  expect(config.appservice.listen).toEqual({ host: '0.0.0.0', port: 1234 })
  expect(config.irc.networks.map(({ id }) => id)).toEqual(['oftc', 'libera'])
  expect(config.telegram?.apiId).toBe(12_345)
  expect(secrets.telegramApiHash).toBe('0123456789abcdef0123456789abcdef')
  expect(err).toContain('api_id and api_hash with a colon')
  expect(err).toContain('maybe: expected yes or no')
  expect(config.whatsapp).toMatchObject({ deviceName: 'Viaduct', backfill: { chats: 20, messages: 50 } })
  expect(out).toContain('(IRC: OFTC, Libera.Chat; Telegram; WhatsApp)')
})

test.each([
  [['init', '--yes'], '--server-name NAME is missing'],
  [[...INIT, '--listen', 'nowhere'], 'expected an address and a port'],
  [[...INIT, '--homeserver-url', 'ftp://x'], 'expected an http or https URL'],
  [[...INIT, '--irc', 'libera,libera'], 'libera is there twice'],
  [[...INIT, '--admin', 'me'], 'expected a user id'],
  [[...INIT, '--whatsapp', 'perhaps'], 'expected yes or no'],
])('%j is refused and leaves no file', async (words, expected) => {
  const folder = newFolder()
  const { code, err } = await viaduct(folder, words)
  expect([code, err]).toEqual([2, expect.stringContaining(expected)])
  expect(() => statSync(join(folder, 'secrets.yaml'))).toThrow('ENOENT')
})

test.each([
  ['libera', { id: 'libera', host: 'irc.libera.chat', port: 6697, tls: true }],
  ['irc.example.org', { id: 'example', host: 'irc.example.org', port: 6697, tls: true }],
  ['[::1]:6667', { id: 'irc', host: '::1', port: 6667, tls: false }],
  ['127.0.0.1:7000', { id: 'irc', host: '127.0.0.1', port: 7000, tls: true }],
  ['localhost', { id: 'localhost', host: 'localhost', port: 6697, tls: true }],
])('the network %s', (text, expected) => {
  expect(networkOf(text)).toMatchObject(expected)
})

test.each([
  ['example.org', 'example-vd'],
  ['matrix.a-very-long-name.example.org', 'example-vd'],
  ['averyveryverylongname.org', 'averyveryvery-vd'],
  ['127.0.0.1:8448', 'viaduct'],
  ['localhost', 'localhost-vd'],
])('on %s the bot is %s', (server, nick) => {
  expect(botNick(server)).toBe(nick)
})
