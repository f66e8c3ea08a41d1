import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { waitUntil } from '../../irc/wait.ts'
import { StubWorld } from '../wire/stub-world.ts'
import { SERVER_KEY } from '../wire/test-key.ts'
import type { WireOptions } from '../wire/wire.ts'
import { TelegramWire } from '../wire/wire.ts'
import type { LoginClient } from './login-clients.ts'
import { gramLogin, mtcuteLogin } from './login-clients.ts'

const PHONE = '+1 555 0001'
const CODE = '12345'

let wire: TelegramWire
let world: StubWorld
let open: LoginClient[]

async function begin(options: WireOptions = {}): Promise<void> {
  open = []
  wire = await TelegramWire.start(
    { serverKey: SERVER_KEY, ...options },
    (made) => (world = new StubWorld(made)),
  )
  world.account(1n, { phone: '15550001' })
  world.account(2n, { phone: '15550002', password: 'hunter2', passwordHint: 'the usual' })
  world.account(3n, { botToken: '3:secret' })
}

async function end(): Promise<void> {
  for (const client of open) await client.destroy()
  await wire.stop()
  expect(wire.journal.problems).toEqual([])
}

beforeEach(() => begin())
afterEach(end)

describe.each([
  ['mtcute', mtcuteLogin],
  ['GramJS', gramLogin],
])('%s', (_, makeClient) => {
  const connect = async (options = {}) => {
    const client = await makeClient(wire, options)
    open.push(client)
    return client
  }

  const restart = async (options: WireOptions) => {
    await end()
    await begin(options)
    return connect()
  }

  const userOf = async (client: LoginClient) => client.self()

  describe('by phone', () => {
    test('a code', async () => {
      const client = await connect()
      await expect(userOf(client)).rejects.toThrow('AUTH_KEY_UNREGISTERED')
      const hash = await client.sendCode(PHONE)
      expect(await client.signIn(PHONE, hash, CODE)).toBe(1n)
      expect(await userOf(client)).toBe(1n)
      expect(world.events).toContain('1 in')
      expect(wire.authorizations(1n)).toHaveLength(1)
    })

    test('a wrong code, then the right one', async () => {
      const client = await connect()
      const hash = await client.sendCode(PHONE)
      await expect(client.signIn(PHONE, hash, '00000')).rejects.toThrow('PHONE_CODE_INVALID')
      await expect(client.signIn(PHONE, hash, '')).rejects.toThrow('PHONE_CODE_EMPTY')
      expect(await client.signIn(PHONE, hash, CODE)).toBe(1n)
    })

    test('a code that is too old, used, or of another number', async () => {
      const client = await connect()
      const old = await client.sendCode(PHONE)
      wire.login.phoneCodes.expire()
      await expect(client.signIn(PHONE, old, CODE)).rejects.toThrow('PHONE_CODE_EXPIRED')
      const hash = await client.sendCode(PHONE)
      await expect(client.signIn('+15550002', hash, CODE)).rejects.toThrow('PHONE_CODE_EXPIRED')
      await expect(client.signIn(PHONE, 'nonsense', CODE)).rejects.toThrow('PHONE_CODE_EXPIRED')
      await client.signIn(PHONE, hash, CODE)
      await expect(client.signIn(PHONE, hash, CODE)).rejects.toThrow('PHONE_CODE_EXPIRED')
    })

    test('a code that is sent again takes the place of the first', async () => {
      const client = await connect()
      const first = await client.sendCode(PHONE)
      const second = await client.resendCode(PHONE, first)
      await expect(client.signIn(PHONE, first, CODE)).rejects.toThrow('PHONE_CODE_EXPIRED')
      expect(await client.signIn(PHONE, second, CODE)).toBe(1n)
    })

    test.each([
      ['+12', 'PHONE_NUMBER_INVALID'],
      ['+1234567890123456', 'PHONE_NUMBER_INVALID'],
    ])('%s is %s', async (number, error) => {
      const client = await connect()
      await expect(client.sendCode(number)).rejects.toThrow(error)
    })

    test('a number without an account', async () => {
      const client = await connect()
      const hash = await client.sendCode('+15559999')
      await expect(client.signIn('+15559999', hash, CODE)).rejects.toThrow('PHONE_NUMBER_UNOCCUPIED')
    })

    test('the same with the other answer of the service', async () => {
      const client = await restart({ unknownNumber: 'authorizationSignUpRequired' })
      const hash = await client.sendCode('+15559999')
      await expect(client.signIn('+15559999', hash, CODE)).rejects.toThrow(/sign ?up/i)
    })

    test('accounts that are no more', async () => {
      const client = await connect()
      world.account(1n, { state: 'deactivated' })
      const hash = await client.sendCode(PHONE)
      await expect(client.signIn(PHONE, hash, CODE)).rejects.toThrow('USER_DEACTIVATED')
      world.account(1n, { state: 'banned' })
      await expect(client.sendCode(PHONE)).rejects.toThrow('PHONE_NUMBER_BANNED')
    })

    test('credentials of the application that are wrong', async () => {
      await end()
      await begin({ apiId: 7, apiHash: 'right' })
      const wrong = await connect({ apiId: 7, apiHash: 'wrong' })
      await expect(wrong.sendCode(PHONE)).rejects.toThrow('API_ID_INVALID')
      const right = await connect({ apiId: 7, apiHash: 'right' })
      await right.sendCode(PHONE)
    })

    test('too many tries', async () => {
      const client = await connect()
      wire.faults.fail('auth.sendCode', 420, 'FLOOD_WAIT_86400')
      await expect(client.sendCode(PHONE)).rejects.toThrow('86400')
    })

    test('an account that wants an e-mail address first', async () => {
      const client = await restart({ codeType: 'sentCodeTypeSetUpEmailRequired' })
      expect(await client.codeType(PHONE)).toMatch(/^(?:email_required|auth.SentCodeTypeSetUpEmailRequired)$/)
    })
  })

  describe('with a password', () => {
    const half = async () => {
      const client = await connect()
      const hash = await client.sendCode('+15550002')
      await expect(client.signIn('+15550002', hash, CODE)).rejects.toThrow('SESSION_PASSWORD_NEEDED')
      return client
    }

    test('wrong, then right', async () => {
      const client = await half()
      await expect(userOf(client)).rejects.toThrow('SESSION_PASSWORD_NEEDED')
      expect(await client.passwordHint()).toBe('the usual')
      await expect(client.checkPassword('hunter3')).rejects.toThrow('PASSWORD_HASH_INVALID')
      expect(world.events).not.toContain('2 in')
      expect(await client.checkPassword('hunter2')).toBe(2n)
      expect(await userOf(client)).toBe(2n)
    })

    test('that was changed meanwhile', async () => {
      const client = await half()
      wire.faults.fault('auth.checkPassword', (_, run) => {
        world.account(2n, { password: 'new' })
        return run()
      })
      await expect(client.checkPassword('hunter2')).rejects.toThrow('SRP_ID_INVALID')
      expect(await client.checkPassword('new')).toBe(2n)
    })
  })

  describe('by QR code', () => {
    test('that a phone accepts', async () => {
      const client = await connect()
      const urls: string[] = []
      const done = client.qr((url) => urls.push(url))
      await waitUntil(() => urls.length > 0, 'a code')
      expect(urls[0]).toMatch(/^tg:\/\/login\?token=[\w-]+$/)
      wire.acceptQr(urls[0] ?? '', 1n)
      expect(await done).toBe(1n)
      expect(await userOf(client)).toBe(1n)
      expect(() => wire.acceptQr(urls[0] ?? '', 1n)).toThrow('AUTH_TOKEN_INVALID')
    })

    test('and a password', async () => {
      const client = await connect()
      const urls: string[] = []
      const done = client.qr((url) => urls.push(url), ['hunter3', 'hunter2'])
      await waitUntil(() => urls.length > 0, 'a code')
      wire.acceptQr(urls[0] ?? '', 2n)
      expect(await done).toBe(2n)
    })
  })

  test('a bot', async () => {
    const client = await connect()
    await expect(client.bot('3:wrong')).rejects.toThrow('ACCESS_TOKEN_INVALID')
    expect(await client.bot('3:secret')).toBe(3n)
    world.account(3n, { state: 'deactivated' })
    const other = await connect()
    await expect(other.bot('3:secret')).rejects.toThrow('ACCESS_TOKEN_EXPIRED')
  })

  describe('the end', () => {
    const loggedIn = async () => {
      const client = await connect()
      await client.signIn(PHONE, await client.sendCode(PHONE), CODE)
      return client
    }

    test('logging out', async () => {
      const client = await loggedIn()
      await client.logOut()
      await waitUntil(() => world.events.includes('1 out'), 'the end of the login')
      expect(wire.authorizations(1n)).toEqual([])
    })

    test('another device ends it', async () => {
      const client = await loggedIn()
      const phone = await loggedIn()
      await phone.endOthers()
      await expect(userOf(client)).rejects.toThrow('AUTH_KEY_UNREGISTERED')
      expect(await userOf(phone)).toBe(1n)
      expect(wire.authorizations(1n)).toHaveLength(1)
    })
  })
})

test('one client accepts the code of the other', async () => {
  const phone = await gramLogin(wire, {})
  open.push(phone)
  await phone.signIn(PHONE, await phone.sendCode(PHONE), CODE)
  const desktop = await mtcuteLogin(wire, {})
  open.push(desktop)
  const urls: string[] = []
  const done = desktop.qr((url) => urls.push(url))
  await waitUntil(() => urls.length > 0, 'a code')
  await phone.acceptQr(urls[0] ?? '')
  expect(await done).toBe(1n)
  await expect(phone.acceptQr('tg://login?token=AAAA')).rejects.toThrow('AUTH_TOKEN_INVALID')
  expect(wire.authorizations(1n)).toHaveLength(2)
})

// GramJS shows each code for thirty seconds, whatever the server says.
test('mtcute renews a code when it is old', async () => {
  await end()
  await begin({ qrSeconds: 1 })
  const client = await mtcuteLogin(wire, {})
  open.push(client)
  const urls: string[] = []
  const done = client.qr((url) => urls.push(url))
  await waitUntil(() => urls.length > 1, 'a second code')
  expect(() => wire.acceptQr(urls[0] ?? '', 1n)).toThrow(/AUTH_TOKEN_(?:EXPIRED|INVALID)/)
  // The last one may be too old already, too.
  const accepted = () => {
    try {
      wire.acceptQr(urls.at(-1) ?? '', 1n)
      return true
    } catch {
      return false
    }
  }
  await waitUntil(accepted, 'a code that is not too old')
  expect(await done).toBe(1n)
})
