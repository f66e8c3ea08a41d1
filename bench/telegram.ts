import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/real/servers/server-process.ts'
import { SimHomeserver } from '../test/sim/homeserver/index.ts'
import { SimTelegram } from '../test/sim/telegram/index.ts'
import type { Account, Channel } from '../test/sim/telegram/world/index.ts'
import { SERVER, testRegistration } from '../test/support/settings.ts'
import { Person } from '../test/support/stack.ts'
import { figure, milliseconds, rate, spread, title } from './support/figures.ts'
import { memoryOf } from './support/process.ts'
import { Viaduct } from './support/viaduct.ts'

/** Telegram: how long a message takes each way, what a login costs in memory, and what a large file does. */
const PACED = 100
const PAUSE_MS = 50
const BURST = 200
const LOGINS = 50
const AIM_MB_EACH = 2
const FILE_MB = 11
const FILES = 3
const SETTLE_MS = 5_000
const MB = 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), 'viaduct-bench-'))
const port = await freePort()
const homeserver = await SimHomeserver.start({
  serverName: SERVER,
  appservices: [testRegistration(`http://127.0.0.1:${port}`)],
})
const telegram = await SimTelegram.start()
const { world: tg } = telegram
const testServer = { host: telegram.host, port: telegram.port, publicKey: telegram.serverKey.pem }
const bridge = new Viaduct({
  folder,
  homeserverUrl: homeserver.url,
  serverName: SERVER,
  port,
  telegram: testServer,
})
const rss = () => memoryOf(bridge.pid).rssMb

async function logIn(name: string, account: Account): Promise<Person> {
  const user = await homeserver.user(name)
  const person = new Person(homeserver, user, await user.directRoomWith(`@viaductbot:${SERVER}`))
  await person.heard('Hello')
  await person.ask('login telegram phone', 'phone number')
  await person.ask(`+${account.phone ?? ''}`, 'sent you a code')
  await person.ask(tg.codes.get(account.id) ?? '', 'logged in to Telegram')
  return person
}

/** Resolves with the moment at which an event with this text is in its room. */
const onMatrix = (body: string): Promise<number> =>
  new Promise((resolve) => {
    const undo = homeserver.onEvent(({ content }) => {
      if (content['body'] !== body) return
      undo()
      resolve(performance.now())
    })
  })

/** Resolves with the moment at which a message with this text is in its chat. */
const onTelegram = (text: string): Promise<number> =>
  new Promise((resolve) => {
    const undo = tg.onEvent((event) => {
      if (event.kind !== 'posted' || event.post.text !== text) return
      undo()
      resolve(performance.now())
    })
  })

type Talk = { alice: Person; bob: Account; group: Channel; room: string }

async function latency({ alice, bob, group, room }: Talk): Promise<void> {
  const out: number[] = []
  const back: number[] = []
  for (let i = 0; i < PACED; i += 1) {
    const arrived = onTelegram(`out ${i}`)
    const sent = performance.now()
    await alice.user.sendText(room, `out ${i}`)
    out.push((await arrived) - sent)
    await delay(PAUSE_MS)
    const seen = onMatrix(`in ${i}`)
    const said = performance.now()
    tg.say(bob, group, `in ${i}`)
    back.push((await seen) - said)
    await delay(PAUSE_MS)
  }
  figure('Matrix to Telegram: send to the message in its chat', spread(out))
  figure('Telegram to Matrix: message to the event in its room', spread(back))
}

async function burst({ alice, bob, group, room }: Talk): Promise<void> {
  const last = BURST - 1
  const began = performance.now()
  const arrived = onTelegram(`burst out ${last}`)
  for (let i = 0; i < BURST; i += 1) await alice.user.sendText(room, `burst out ${i}`)
  figure(
    `Matrix to Telegram: ${BURST} messages at once`,
    rate((BURST * 1000) / ((await arrived) - began), 'messages'),
  )
  const begun = performance.now()
  const seen = onMatrix(`burst in ${last}`)
  for (let i = 0; i < BURST; i += 1) tg.say(bob, group, `burst in ${i}`)
  figure(
    `Telegram to Matrix: ${BURST} messages at once`,
    rate((BURST * 1000) / ((await seen) - begun), 'messages'),
  )
}

/** The most memory that the bridge's process has while something goes on, beyond what it had before. */
async function peakOf(run: () => Promise<void>): Promise<{ growthMb: number; ms: number }> {
  const before = rss()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, rss())), 10)
  const began = performance.now()
  await run()
  clearInterval(timer)
  return { growthMb: Math.max(most, rss()) - before, ms: performance.now() - began }
}

async function media({ alice, bob, group, room }: Talk): Promise<void> {
  const bytes = Buffer.alloc(FILE_MB * MB, 'large')
  for (let i = 0; i < FILES; i += 1) {
    const url = await alice.user.upload(bytes, 'application/octet-stream', 'big.bin')
    const out = await peakOf(async () => {
      const arrived = onTelegram(`file out ${i}`)
      await alice.user.send(room, 'm.room.message', {
        msgtype: 'm.file',
        body: `file out ${i}`,
        filename: 'big.bin',
        url,
        info: { size: bytes.length },
      })
      await arrived
    })
    const back = await peakOf(async () => {
      const seen = onMatrix(`file in ${i}`)
      tg.say(bob, group, { text: `file in ${i}`, media: tg.media.file(bytes, { name: 'big.bin' }) })
      await seen
    })
    for (const [way, { growthMb, ms }] of [
      ['Matrix to Telegram', out],
      ['Telegram to Matrix', back],
    ] as const)
      figure(
        `${way}: a file of ${FILE_MB} MB`,
        `${milliseconds(ms)}, at most ${growthMb.toFixed(1)} MB more in memory`,
      )
  }
}

async function logins(): Promise<void> {
  await delay(SETTLE_MS)
  const before = rss()
  const each: number[] = []
  for (let i = 0; i < LOGINS; i += 1) {
    const account = tg.user({ firstName: `Person ${i}`, phone: `49160${String(i).padStart(7, '0')}` })
    const began = performance.now()
    await logIn(`person${i}`, account)
    each.push(performance.now() - began)
  }
  await delay(SETTLE_MS)
  const mb = (rss() - before) / LOGINS
  figure('a login, by a code, in the room with the bot', spread(each))
  figure(
    `memory that a login adds, at ${LOGINS}`,
    `${mb.toFixed(2)} MB resident`,
    `aim ${AIM_MB_EACH} MB: ${mb <= AIM_MB_EACH ? 'reached' : 'missed'}`,
  )
}

title('Telegram: viaduct run between the servers of the tests')
try {
  await bridge.start()
  await bridge.ready()
  const her = tg.user({ firstName: 'Alice', phone: '4915112345678' })
  const bob = tg.user({ firstName: 'Bob', phone: '4915212345678' })
  const alice = await logIn('alice', her)
  const group = tg.supergroup({ title: 'Tea room', members: [bob, her] })
  const first = onMatrix('hello')
  tg.say(bob, group, 'hello')
  await first
  const room =
    homeserver.roomIds().find((id) => homeserver.state(id, 'm.room.name')?.['name'] === 'Tea room') ?? ''
  await alice.user.join(room)
  const talk = { alice, bob, group, room }
  await latency(talk)
  await burst(talk)
  await media(talk)
  await logins()
} finally {
  await bridge.stop()
  await homeserver.close()
  await telegram.stop()
  rmSync(folder, { recursive: true, force: true })
}
