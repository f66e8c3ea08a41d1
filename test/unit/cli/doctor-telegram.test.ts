import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { startTelegram } from '../../support/telegram.ts'
import type { TestTelegram } from '../../support/telegram.ts'
import { probe } from '../../../src/networks/telegram/probe.ts'
import { silentLog } from '../networks/irc/fake-host.ts'
import { newFolder, viaduct } from './terminal.ts'

const HASH = '0123456789abcdef0123456789abcdef'

let telegram: TestTelegram
beforeEach(async () => {
  telegram = await startTelegram()
})
afterEach(() => telegram.wire.stop())

/** What doctor says of Telegram, where nothing else is there; all that it wrote. */
async function examine(
  change: Record<string, string> = {},
  words: string[] = [],
): Promise<{ findings: Finding[]; out: string }> {
  const folder = newFolder()
  const answers = ['--server-name', 'sim.local', '--admin', '@me:sim.local', '--irc', 'none']
  await viaduct(folder, ['init', '--yes', ...answers, '--telegram', `12345:${HASH}`])
  const { host, port, publicKey } = telegram.config.testServer ?? { host: '', port: 0, publicKey: '' }
  const env = {
    VIADUCT__DATABASE__URL: 'postgresql://127.0.0.1:1/x',
    VIADUCT__HOMESERVER__URL: 'http://127.0.0.1:1',
    VIADUCT__TELEGRAM__TEST_SERVER__HOST: host,
    VIADUCT__TELEGRAM__TEST_SERVER__PORT: String(port),
    VIADUCT__TELEGRAM__TEST_SERVER__PUBLIC_KEY: publicKey,
    ...change,
  }
  const args = ['doctor', '--json', '--config', join(folder, 'config.yaml'), ...words]
  const { out } = await viaduct(folder, args, { env })
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  return { findings: findings.filter(({ check }) => check === 'Telegram'), out }
}

test('Telegram answers and takes the api_id', async () => {
  const { findings, out } = await examine()
  expect(findings).toEqual([
    {
      level: 'ok',
      check: 'Telegram',
      text: expect.stringMatching(/^data centre 2 answers in \d+ ms and takes the api_id$/),
    },
  ])
  expect(out).not.toContain(HASH)
  // The code that it was asked for is nobody's login.
  expect(telegram.wire.journal.calls().map(({ method }) => method)).toContain('auth.exportLoginToken')
})

test('an api_id that is not taken is to be mended', async () => {
  telegram.wire.faults.fail('auth.exportLoginToken', 400, 'API_ID_INVALID')
  const { findings, out } = await examine()
  expect(findings).toMatchObject([
    {
      level: 'fault',
      text: expect.stringContaining('API_ID_INVALID'),
      mend: expect.stringContaining('api_hash'),
    },
  ])
  expect(out).not.toContain(HASH)
})

test('another answer is a warning', async () => {
  telegram.wire.faults.fail('auth.exportLoginToken', 420, 'FLOOD_WAIT_30')
  expect((await examine()).findings).toMatchObject([
    { level: 'warning', text: expect.stringContaining('FLOOD_WAIT') },
  ])
})

test('a Telegram that is not reached', async () => {
  await telegram.wire.stop()
  expect(await probe(telegram.config, silentLog, 500)).toEqual({
    kind: 'silent',
    why: expect.stringMatching(/^no answer in 0\.5 s: .*ECONNREFUSED/),
  })
})

test('it can be left out, and is where Telegram is not set up', async () => {
  expect((await examine({}, ['--skip-telegram'])).findings).toEqual([])
})
