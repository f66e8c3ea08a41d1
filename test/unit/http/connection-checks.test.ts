import { expect, test } from 'vitest'
import { connectionChecks } from '../../../src/http/connection-checks.ts'
import { loginId } from '../../../src/model/ids.ts'
import type { LoginState } from '../../../src/model/login.ts'
import type { ConnectionStatus } from '../../../src/model/network.ts'

const since = new Date(0)
const of = (...status: ConnectionStatus[]) => connectionChecks({ network: 'telegram', status: () => status })
const login = (id: number, state: LoginState): ConnectionStatus => ({
  login: loginId(id),
  label: `Telegram (Alice ${id})`,
  state,
  text: 'of alice',
  since,
})

test('a shared connection is named', () => {
  expect(of({ label: 'libera', state: 'backoff', text: 'Ping timeout', since })).toEqual([
    { name: 'telegram libera', ok: false, required: false, text: 'Ping timeout' },
  ])
})

test('of logins is told how many there are, and not whose', () => {
  const checks = of(login(1, 'connected'), login(2, 'bad_credentials'), login(3, 'connected'))
  expect(checks).toEqual([
    { name: 'telegram logins', ok: false, required: false, text: '2 connected, 1 bad_credentials' },
  ])
  expect(of(login(1, 'connected'))).toMatchObject([{ ok: true, text: '1 connected' }])
  expect(of()).toEqual([])
})
