import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LoginProcess, LoginStep } from '../../src/model/login.ts'
import { FakeWorld } from '../support/worlds.ts'

let world: FakeWorld
let step: LoginStep
let go: (next: LoginStep) => void
let cancelled = false

/** A login whose steps come when a test says so. */
const process: LoginProcess = {
  current: () => step,
  submit: (answer) => {
    step = done(answer)
    return Promise.resolve(step)
  },
  next: () =>
    new Promise((resolve) => {
      go = (next) => {
        step = next
        resolve(next)
      }
    }),
  cancel: () => {
    cancelled = true
    return Promise.resolve()
  },
}

const qr = (data: string): LoginStep => ({ kind: 'show', text: 'Scan this.', as: 'qr', data })
const done = (password: string): LoginStep => ({
  kind: 'done',
  text: 'You are in.',
  account: { account: 'second', name: 'ally', session: { password } },
})

beforeEach(async () => {
  cancelled = false
  step = qr('')
  world = await FakeWorld.start()
  world.network.loginFlows = [
    { id: 'phone', title: 'Phone number', help: 'A code comes to your other devices.' },
    { id: 'qr', title: 'QR code', help: 'Scan it.' },
  ]
  world.network.onLogin = () => process
})

afterEach(() => world.close())

const room = () => world.alice.botRoom
const images = () =>
  world.homeserver
    .timeline(room())
    .filter(({ type, sender }) => type === 'm.room.message' && sender.startsWith('@viaductbot'))
    .filter(({ content }) => content['msgtype'] === 'm.image')
const someImages = async (number: number) => {
  await world.homeserver.waitFor(() => images().length === number, `${number} images`)
  return images()
}

async function begin(): Promise<void> {
  await world.alice.ask('login irc qr', 'Scan this.')
  go(qr('first-token'))
  await someImages(1)
}

test('without a way all ways are named', async () => {
  const words = await world.alice.ask('login irc', 'How do you want to log in?')
  expect(words).toContain('login irc phone – Phone number. A code comes to your other devices.')
  expect(words).toContain('login irc qr')
  expect(await world.alice.ask('login irc fax', 'How do you want')).toContain('login irc qr')
})

test('a QR code is a picture with words, renewed in its place, and gone when the login is done', async () => {
  await begin()
  const [first] = images()
  expect(first?.content).toMatchObject({
    msgtype: 'm.image',
    body: 'Scan this.',
    filename: 'code.png',
    info: { mimetype: 'image/png' },
  })
  const png = Buffer.from(await world.alice.user.download(String(first?.content['url'])))
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  go(qr('second-token'))
  const [, second] = await someImages(2)
  expect(second?.content['m.relates_to']).toMatchObject({ rel_type: 'm.replace', event_id: first?.event_id })
  const renewed = second?.content['m.new_content'] as { url?: string } | undefined
  expect(renewed?.url).not.toBe(first?.content['url'])
  go({ kind: 'input', text: 'Password?', field: { id: 'password', label: 'Password', secret: true } })
  await world.alice.heard('Password?')
  await someImages(0)
  await world.alice.ask('hunter3', 'You are in.')
  const rows = await world.stack.database.db.query<{ found: boolean }>(
    `select position('token'::bytea in body) > 0 as found from delivery`,
  )
  expect(rows.filter(({ found }) => found)).toEqual([])
})

test('a cancelled login takes its code away', async () => {
  await begin()
  await world.alice.ask('cancel', 'The login is cancelled.')
  await someImages(0)
  expect(cancelled).toBe(true)
})

test('a failed login says why and takes its code away', async () => {
  await begin()
  go({ kind: 'failed', text: 'Nobody scanned it.', code: 'timeout' })
  await world.alice.heard('Nobody scanned it.')
  await someImages(0)
})

test('a code to type is words, renewed and gone in the same way', async () => {
  await world.alice.ask('login irc phone', 'Scan this.')
  go({ kind: 'show', text: 'Type this on your phone:', as: 'code', data: 'ABCD-EFGH' })
  await world.see(room(), 'ABCD-EFGH')
  go({ kind: 'failed', text: 'Too late.', code: 'timeout' })
  await world.alice.heard('Too late.')
  await world.homeserver.waitFor(() => world.find(room(), 'ABCD-EFGH').length === 0, 'the code to be gone')
})

test('a login that is under way when the bridge stops is ended: what comes of it could not be kept', async () => {
  await begin()
  await world.stack.restart()
  expect(cancelled).toBe(true)
})
