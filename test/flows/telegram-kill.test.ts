import { expect, test } from 'vitest'
import type { Switches } from '../sim/telegram/world/index.ts'
import { KilledTelegram } from '../support/killed-telegram.ts'
import { words } from '../support/stack.ts'

/** `npm run test:long` sets these to 100 and 2,000. */
const KILLS = Number(process.env['VIADUCT_TELEGRAM_KILLS'] ?? 5)
const MESSAGES = Number(process.env['VIADUCT_TELEGRAM_KILL_MESSAGES'] ?? 120)
const PATIENCE_MS = 90_000 + KILLS * 4_000
/** Of what goes out, every so manieth is written on the phone. */
const PHONE_EACH = 5

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test.each<Switches['duplicate']>(['replay', 'inProgress'])(
  `killed ${KILLS} times among ${MESSAGES} messages each way, a repeat is answered by "%s": nothing lost, nothing doubled, all in order`,
  async (duplicate) => {
    const world = await KilledTelegram.start({ duplicate })
    const { homeserver, telegram, bridge, alice, her } = world
    const { tg } = telegram
    const bob = tg.user({ firstName: 'Bob', phone: '4915212345678' })
    const chats = [
      bob,
      tg.supergroup({ title: 'Super', members: [bob, her] }),
      tg.group({ title: 'Basic', members: [bob, her] }),
    ].map((chat) => ({ of: { her: chat, bob: chat === bob ? her : chat } }))
    const places: { of: (typeof chats)[number]['of']; room: string }[] = []
    for (const [i, { of }] of chats.entries()) {
      tg.say(bob, of.bob, `hello ${i}`)
      places.push({ of, room: await world.roomWith(`hello ${i}`) })
    }

    const per = Math.ceil(MESSAGES / places.length)
    const isPhone = (i: number) => i % PHONE_EACH === 1
    let sending = true
    const traffic = (async () => {
      for (let i = 0; i < per; i += 1) {
        for (const { of, room } of places) {
          if (isPhone(i)) tg.say(her, of.her, `own ${i}`)
          else await alice.user.sendText(room, `out ${i}`)
          tg.say(bob, of.bob, `in ${i}`)
        }
        // Spread over the kills, so that each of them meets messages under way.
        await pause((KILLS * 700) / per)
      }
      sending = false
    })()
    while (bridge.kills < KILLS) {
      await pause(50 + Math.random() * 900)
      await bridge.kill()
      await bridge.start()
    }
    await traffic
    expect(sending).toBe(false)

    type Place = (typeof places)[number]
    const texts = ({ of }: Place, word: string) =>
      tg
        .view(bob, of.bob)
        .map(({ text }) => text)
        .filter((text) => text.startsWith(`${word} `))
    const seen = ({ room }: Place, ghost: bigint) => {
      const lead = `_telegram_${ghost}: `
      return words(homeserver, room)
        .filter((each) => each.startsWith(lead))
        .map((each) => each.slice(lead.length))
        .filter((body) => !body.startsWith('hello '))
    }
    const numbers = Array.from({ length: per }, (_, i) => i)
    const expected = {
      out: numbers.filter((i) => !isPhone(i)).map((i) => `out ${i}`),
      own: numbers.filter(isPhone).map((i) => `own ${i}`),
      in: numbers.map((i) => `in ${i}`),
    }
    const done = () =>
      places.every(
        (place) =>
          texts(place, 'out').length >= expected.out.length &&
          seen(place, bob.id).length >= expected.in.length &&
          seen(place, her.id).length >= expected.own.length,
      )
    await homeserver.waitFor(done, 'everything to arrive', PATIENCE_MS).catch(async (error: unknown) => {
      const counts = places.map(
        (place) =>
          `${texts(place, 'out').length} out, ${seen(place, her.id).length} own, ${seen(place, bob.id).length} in, of ${per}`,
      )
      const rows = await world.ledger(`state <> 'delivered'`)
      throw new Error(`${counts.join('\n')}\n${JSON.stringify(rows, null, 1)}`, { cause: error })
    })
    // A doubled message may come late: once all is quiet, the ledger has nothing left to send.
    await world.settled(PATIENCE_MS)
    for (const place of places) {
      expect(texts(place, 'out'), 'from Matrix').toEqual(expected.out)
      expect(seen(place, bob.id), 'to Matrix').toEqual(expected.in)
      expect(seen(place, her.id), 'from her phone').toEqual(expected.own)
    }
    expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
    expect(telegram.wire.journal.problems).toEqual([])
    console.log(
      `${duplicate}: kills ${bridge.kills}, messages each way ${per * places.length}: lost 0, doubled 0, in order`,
    )
    await world.close()
  },
  PATIENCE_MS + 120_000 + KILLS * 6_000,
)
