import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_ANSWER } from '../sim/telegram/wire/faults.ts'
import type { FaultFn } from '../sim/telegram/wire/faults.ts'
import type { Account, Seen } from '../sim/telegram/world/index.ts'
import { atRequestOf, everywhere, killedDuring, saysAll } from '../support/crash-points.ts'
import type { Trap, When } from '../support/crash-points.ts'
import { KilledTelegram } from '../support/killed-telegram.ts'
import { SERVER } from '../support/settings.ts'
import { reactionsBy, roomsWith, shown } from '../support/shown.ts'

const PATIENCE_MS = 30_000

let world: KilledTelegram
let people = 0

beforeAll(async () => {
  world = await KilledTelegram.start()
  world.telegram.wire.faults.fault({ userId: world.her.id }, (call, run) => around(call, run), Infinity)
})
afterAll(() => world.close())

const contact = () =>
  world.telegram.tg.user({ firstName: `Carol ${(people += 1)}`, phone: `4915${30_000_000 + people}` })

const atRequest: Trap = (point, when) => atRequestOf(world)(point, when)

/** What stands around each call of the bridge to Telegram now. */
let around: FaultFn = (_, run) => run()

/** SIGKILL at a call to Telegram. */
const atCall: Trap = (point, when) => {
  let [reached, seen] = [false, 0]
  around = async (_, run) => {
    if (seen++ !== point) return run()
    reached = true
    if (when === 'after') await run()
    await world.bridge.kill()
    return NO_ANSWER
  }
  return () => {
    around = (_, run) => run()
    return reached
  }
}

describe.each<When>(['before', 'after'])('killed %s', (when) => {
  test(
    'a request to the homeserver, while somebody new writes: one room, one ghost, everything once',
    () =>
      everywhere([3, 9], async (point) => {
        const { tg } = world.telegram
        const carol = contact()
        const ghost = `@_telegram_${carol.id}:${SERVER}`
        const { homeserver } = world
        const rooms = () => roomsWith(homeserver, ghost)
        const isAll = (id: string) =>
          shown(homeserver, id, ghost).includes('one, corrected') && reactionsBy(homeserver, id, ghost) > 0
        const allShown = () =>
          homeserver.waitFor(() => rooms().some(isAll), `all that follows from point ${point}`, PATIENCE_MS)
        const killed = await killedDuring(world, atRequest(point, when), async () => {
          const one = tg.say(carol, world.her, 'one')
          tg.say(carol, world.her, { text: 'two', media: tg.media.photo(Buffer.from('photo')) })
          tg.say(carol, world.her, {
            media: tg.media.poll(carol, { question: 'three?', answers: ['yes', 'no'] }),
          })
          tg.react(carol, tg.say(carol, world.her, 'four'), '👍')
          tg.edit(carol, one, 'one, corrected')
          await allShown()
        })
        await allShown()
        await world.settled(PATIENCE_MS)
        const [room = '', ...others] = rooms()
        expect(others, `point ${point}`).toEqual([])
        expect(shown(homeserver, room, ghost), `point ${point}`).toEqual([
          'one, corrected',
          'two',
          'three?',
          'four',
        ])
        expect(reactionsBy(homeserver, room, ghost), `point ${point}`).toBe(1)
        expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
        return killed
      }),
    600_000,
  )

  describe('while she writes', () => {
    const said = (carol: Account): Seen[] =>
      world.telegram.tg.view(carol, world.her).filter(({ out }) => !out)

    async function writes(trap: Trap, point: number): Promise<boolean> {
      const { tg } = world.telegram
      const { user } = world.alice
      const carol = contact()
      const hello = `hello ${carol.id}`
      tg.say(carol, world.her, hello)
      const room = await world.roomWith(hello)
      await world.settled(PATIENCE_MS)
      const target = world.homeserver.timeline(room).find((e) => e.content['body'] === hello)?.event_id ?? ''
      const picture = await user.upload(Buffer.from('picture'), 'image/png', 'p.png')
      const killed = await killedDuring(world, trap(point, when), async () => {
        const said = await saysAll(user, room, target, picture)
        const gone = await user.sendText(room, 'gone')
        const redaction = await user.redact(room, gone)
        await world.routed([...said, gone, redaction])
      })
      await world.homeserver
        .waitFor(
          () => said(carol).length === 3 && said(carol)[0]?.text === 'one, corrected',
          `all that follows from point ${point}`,
          PATIENCE_MS,
        )
        .catch((error: unknown) => {
          throw new Error(JSON.stringify(said(carol).map(({ text }) => text)), { cause: error })
        })
      await world.settled(PATIENCE_MS)
      expect(
        said(carol).map(({ text }) => text),
        `point ${point}`,
      ).toEqual(['one, corrected', 'two', 'three'])
      expect(said(carol)[1]?.media, `point ${point}`).toBeDefined()
      const first = tg.view(carol, world.her).find(({ text }) => text === hello)
      expect(first?.reactions, `point ${point}`).toMatchObject([{ reaction: '👍', count: 1 }])
      expect(said(carol)[2]?.replyTo, `point ${point}`).toBe(first?.id)
      expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
      return killed
    }

    test(
      'a call to Telegram: everything once',
      () => everywhere([0, 4], (point) => writes(atCall, point)),
      600_000,
    )

    test(
      'a request to the homeserver: everything once',
      () => everywhere([0, 1], (point) => writes(atRequest, point)),
      600_000,
    )

    type Live = { _: string; geo: { lat: number }; period: number }
    const liveIn = ({ media }: Seen): Live | undefined =>
      media?.kind === 'plain' && media.tl._ === 'messageMediaGeoLive'
        ? (media.tl as unknown as Live)
        : undefined

    async function shares(trap: Trap, point: number): Promise<boolean> {
      const { tg } = world.telegram
      const { user } = world.alice
      const carol = contact()
      tg.say(carol, world.her, `where are you, ${carol.id}?`)
      const room = await world.roomWith(`where are you, ${carol.id}?`)
      await world.settled(PATIENCE_MS)
      const [INFO, BEACON] = ['org.matrix.msc3672.beacon_info', 'org.matrix.msc3672.beacon']
      const killed = await killedDuring(world, trap(point, when), async () => {
        const info = await user.state(room, INFO, user.userId, {
          live: true,
          timeout: 900_000,
          'org.matrix.msc3488.ts': Date.now(),
        })
        const at = (lat: number) =>
          user.send(room, BEACON, {
            'm.relates_to': { rel_type: 'm.reference', event_id: info },
            'org.matrix.msc3488.location': { uri: `geo:${lat},20` },
            'org.matrix.msc3488.ts': Date.now(),
          })
        const places = [await at(1), await at(2)]
        const end = await user.state(room, INFO, user.userId, { live: false, timeout: 900_000 })
        await world.routed([info, ...places, end])
      })
      const lives = () => said(carol).flatMap((seen) => liveIn(seen) ?? [])
      await world.homeserver.waitFor(
        () => lives()[0]?.period === 0,
        `the end, after point ${point}`,
        PATIENCE_MS,
      )
      await world.settled(PATIENCE_MS)
      expect(
        lives().map(({ geo, period }) => [geo.lat, period]),
        `point ${point}`,
      ).toEqual([[2, 0]])
      expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
      return killed
    }

    test(
      'a call to Telegram, while she shares where she is: one message, which ends where she was last',
      () => everywhere([0, 2], (point) => shares(atCall, point)),
      600_000,
    )
  })
})
