import { expect, test } from 'vitest'
import { matrixUserId } from '../../../../src/model/ids.ts'
import type { LoginStep } from '../../../../src/model/login.ts'
import { IrcLogin } from '../../../../src/networks/irc/login.ts'
import { networkConfig } from './setup.ts'

const OWNER = matrixUserId('@alice:hs.example')
const PLAIN = networkConfig(6667)
const OPEN = {
  ...networkConfig(6667),
  id: 'open',
  name: 'Open',
  servers: [{ host: 'irc.example', port: 6667, tls: false, verify: false }],
}

const fieldOf = (step: LoginStep) => (step.kind === 'input' ? step.field.id : step.kind)

async function answer(login: IrcLogin, ...answers: string[]): Promise<LoginStep> {
  let step = login.current()
  for (const each of answers) step = await login.submit(each)
  return step
}

test('a network, a nick and no password', async () => {
  const login = new IrcLogin({ networks: [PLAIN, OPEN] }, 'irc', OWNER)
  expect(fieldOf(login.current())).toBe('network')
  expect(fieldOf(await login.submit('nowhere'))).toBe('network')
  expect(fieldOf(await login.submit('SIMNET'))).toBe('nick')
  expect(fieldOf(await login.submit('9 lives'))).toBe('nick')
  expect(fieldOf(await login.submit('-'))).toBe('method')
  expect(await login.submit('none')).toMatchObject({
    kind: 'done',
    account: { account: 'sim', name: 'alice', session: { nick: 'alice', method: 'none', channels: '[]' } },
  })
})

test('with a password: an account, and a secret field; nothing repeats it', async () => {
  const login = new IrcLogin({ networks: [PLAIN] }, 'irc', OWNER)
  expect(fieldOf(await answer(login, 'ally', 'password'))).toBe('account')
  const step = await login.submit('-')
  expect(step).toMatchObject({ kind: 'input', field: { id: 'password', secret: true } })
  const done = await login.submit('hunter2')
  expect(done).toMatchObject({
    kind: 'done',
    account: { session: { method: 'plain', account: 'ally', password: 'hunter2' } },
  })
  expect(done.text).not.toContain('hunter2')
})

test('with a certificate: its fingerprint is shown before the end', async () => {
  const login = new IrcLogin({ networks: [PLAIN] }, 'irc', OWNER)
  const step = await answer(login, 'ally', 'certificate')
  expect(step).toMatchObject({ kind: 'show', as: 'code', data: expect.stringMatching(/^[0-9a-f]{128}$/) })
  const done = await login.next()
  expect(done).toMatchObject({ kind: 'done', account: { session: { method: 'external' } } })
  const session = done.kind === 'done' ? done.account.session : {}
  expect(session['cert']).toContain('BEGIN CERTIFICATE')
})

test('no secret is taken for a network that is reached in the open', async () => {
  const login = new IrcLogin({ networks: [OPEN] }, 'irc', OWNER)
  const step = await answer(login, '-', 'password')
  expect(step).toMatchObject({
    kind: 'input',
    field: { id: 'method' },
    text: expect.stringContaining('without TLS'),
  })
})

test('a cancelled login has failed, and a flow that there is not cannot begin', async () => {
  const login = new IrcLogin({ networks: [PLAIN] }, 'irc', OWNER)
  await login.cancel()
  expect(await login.submit('x')).toMatchObject({ kind: 'failed', code: 'cancelled' })
  expect(() => new IrcLogin({ networks: [PLAIN] }, 'qr', OWNER)).toThrow('no login qr')
  expect(() => new IrcLogin({ networks: [] }, 'irc', OWNER)).toThrow('No IRC network')
})
