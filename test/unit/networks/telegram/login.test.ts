import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LoginProcess, LoginStep } from '../../../../src/model/login.ts'
import { TelegramLogin } from '../../../../src/networks/telegram/login.ts'
import type { Account } from '../../../sim/telegram/world/index.ts'
import { startTelegram } from '../../../support/telegram.ts'
import type { TestTelegram } from '../../../support/telegram.ts'
import { silentLog } from '../irc/fake-host.ts'

let telegram: TestTelegram
let alice: Account
let login: LoginProcess

beforeEach(async () => {
  telegram = await startTelegram()
  alice = telegram.tg.user({ firstName: 'Alice', phone: '4915112345678', username: 'alice' })
})

afterEach(async () => {
  await login.cancel()
  await telegram.wire.stop()
})

const begin = (flow: string) => (login = new TelegramLogin(telegram.config, flow, silentLog))
const code = () => telegram.tg.codes.get(alice.id) ?? ''
const wrong = (digits: string) => digits.replace(/./g, (digit) => String((Number(digit) + 1) % 10))

function isAsked(step: LoginStep, field: string, words: string | RegExp): void {
  expect(step).toMatchObject({ kind: 'input', field: { id: field } })
  expect(step.text).toMatch(words)
}

function isDone(step: LoginStep): void {
  expect(step).toMatchObject({
    kind: 'done',
    text: expect.stringContaining('Alice (@alice)'),
    account: { account: String(alice.id), name: 'Alice (@alice)' },
  })
  const { session } = step.kind === 'done' ? step.account : { session: {} as Record<string, string> }
  const epoch = session['epoch'] ?? ''
  expect(Object.keys(session)).toEqual(
    expect.arrayContaining([`${epoch}/auth:2`, `${epoch}/kv:updates_pts`, `${epoch}/kv:current_user`]),
  )
}

describe('by phone', () => {
  test('a code is sent, a wrong one is told', async () => {
    begin('phone')
    isAsked(login.current(), 'phone', 'country code')
    isAsked(await login.submit('my phone'), 'phone', 'no phone number')
    isAsked(await login.submit('+49 1511 2345678'), 'code', 'in the app on your other devices')
    const step = await login.submit(wrong(code()))
    isAsked(step, 'code', 'not the code')
    expect(step.text).not.toContain(wrong(code()))
    isDone(await login.submit(` ${code().slice(0, 2)}-${code().slice(2)}`))
  })

  test('a number that Telegram does not know', async () => {
    begin('phone')
    isAsked(await login.submit('+49 1599 2345678'), 'code', 'sent you a code')
    isAsked(await login.submit('12345'), 'phone', 'no Telegram account')
    isAsked(await login.submit('+49 1511 2345678'), 'code', 'sent you a code')
  })

  test('with the password of two-step verification, at the second try', async () => {
    alice.password = 'hunter2'
    alice.passwordHint = 'the usual'
    begin('phone')
    await login.submit('+4915112345678')
    const asked = await login.submit(code())
    isAsked(asked, 'password', 'hint: the usual')
    expect(asked).toMatchObject({ field: { secret: true } })
    const again = await login.submit('hunter1')
    isAsked(again, 'password', 'not the password')
    expect(again.text).not.toContain('hunter')
    isDone(await login.submit('hunter2'))
  })

  test('Telegram asks to wait: it is told, and the question stays', async () => {
    begin('phone')
    telegram.wire.faults.fail('auth.sendCode', 420, 'FLOOD_WAIT_300')
    isAsked(await login.submit('+4915112345678'), 'phone', 'wait 5 minutes')
    isAsked(await login.submit('+4915112345678'), 'code', 'sent you a code')
  })

  test.each([
    ['PHONE_NUMBER_BANNED', 400, /banned this phone number/],
    ['API_ID_INVALID', 400, /administrator/],
    ['SOMETHING_NEW', 400, /refused it: SOMETHING_NEW/],
  ])('%s ends it, in words', async (text, number, words) => {
    begin('phone')
    telegram.wire.faults.fail('auth.sendCode', number, text)
    const step = await login.submit('+4915112345678')
    expect(step).toMatchObject({ kind: 'failed', code: text })
    expect(step.text).toMatch(words)
    expect(login.current()).toEqual(step)
  })

  test('a code that has expired: the number is asked for again', async () => {
    begin('phone')
    await login.submit('+4915112345678')
    telegram.wire.faults.fail('auth.signIn', 400, 'PHONE_CODE_EXPIRED')
    isAsked(await login.submit(code()), 'phone', 'forgotten this code')
    await login.submit('+4915112345678')
    isDone(await login.submit(code()))
  })
})

describe('by QR code', () => {
  /** The step that shows a code, with its link. */
  async function shown(): Promise<string> {
    const step = await login.next()
    expect(step).toMatchObject({ kind: 'show', as: 'qr', expiresAt: expect.any(Date) })
    const data = step.kind === 'show' ? step.data : ''
    expect(data).toMatch(/^tg:\/\/login\?token=/)
    return data
  }

  test('another device scans it', async () => {
    begin('qr')
    expect(login.current()).toMatchObject({ kind: 'show', as: 'qr' })
    const url = await shown()
    const next = login.next()
    telegram.wire.acceptQr(url, alice.id)
    isDone(await next)
  })

  test('with a password', async () => {
    alice.password = 'hunter2'
    begin('qr')
    const url = await shown()
    const next = login.next()
    telegram.wire.acceptQr(url, alice.id)
    isAsked(await next, 'password', 'two-step verification')
    isAsked(await login.submit('wrong'), 'password', 'not the password')
    isDone(await login.submit('hunter2'))
  })

  test('given up while it is shown', async () => {
    begin('qr')
    await shown()
    const next = login.next()
    await login.cancel()
    expect(await next).toMatchObject({ kind: 'failed', code: 'cancelled' })
  })
})

test('a bot, with its token', async () => {
  const bot = telegram.tg.user({ firstName: 'Relay', botToken: '77:abcdefgh', username: 'relaybot' })
  begin('bot')
  isAsked(login.current(), 'token', 'BotFather')
  isAsked(await login.submit('not a token'), 'token', 'does not look like')
  isAsked(await login.submit('77:wrong'), 'token', 'does not know this token')
  const step = await login.submit('77:abcdefgh')
  expect(step).toMatchObject({ kind: 'done', account: { account: String(bot.id) } })
})
