import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_ANSWER } from '../sim/telegram/wire/faults.ts'
import type { FaultFn } from '../sim/telegram/wire/faults.ts'
import type { Account, Seen } from '../sim/telegram/world/index.ts'
import type { SimEvent } from '../sim/homeserver/index.ts'
import { KilledTelegram } from '../support/killed-telegram.ts'
import { SERVER } from '../support/settings.ts'

/** `npm run test:long` tries every point at which the bridge talks to somebody; otherwise it is a few. */
const ALL = process.env['VIADUCT_CRASH_POINTS'] === 'all'
/** More points than anything here has. */
const MOST = 120
const PATIENCE_MS = 30_000

type When = 'before' | 'after'
/** Ends the bridge at the given point of what happens next; the returned function says whether the point was reached. */
type Trap = (point: number, when: When) => () => boolean

let world: KilledTelegram
let people = 0

beforeAll(async () => {
  world = await KilledTelegram.start()
  world.telegram.wire.faults.fault({ userId: world.her.id }, (call, run) => around(call, run), Infinity)
})
afterAll(() => world.close())

const contact = () =>
  world.telegram.tg.user({ firstName: `Carol ${(people += 1)}`, phone: `4915${30_000_000 + people}` })

/** SIGKILL at a request to the homeserver: before it is handled, or after, so that nobody hears the answer. */
const atRequest: Trap = (point, when) => {
  let reached = false
  const first = () => {
    reached = true
    return world.bridge.kill()
  }
  const off = world.homeserver.faults.respond({ skip: point, times: 1 }, { reset: when, first })
  return () => {
    off()
    return reached
  }
}

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

/** Does something while the trap is set, waits until all is quiet, and gives whether the bridge was killed on the way. */
async function killedDuring(
  trap: Trap,
  point: number,
  when: When,
  act: () => Promise<void>,
): Promise<boolean> {
  const reached = trap(point, when)
  const { killed } = world.bridge
  // A bridge that was ended can't settle anything; one that was not ends with an empty ledger.
  await Promise.race([killed, act().then(() => world.settled(PATIENCE_MS))])
  const was = reached()
  if (was) {
    await killed
    await world.bridge.start()
  }
  return was
}

/** Tries an act at one point after another. */
async function everywhere(few: number[], act: (point: number) => Promise<boolean>): Promise<void> {
  const points = ALL ? Array.from({ length: MOST }, (_, i) => i) : few
  let kills = 0
  for (const point of points) {
    if (!(await act(point))) break
    kills += 1
  }
  console.log(`killed at ${kills} points`)
  expect(kills).toBeGreaterThanOrEqual(2)
  expect(ALL && kills === MOST).toBe(false)
}

/** What a person reads: each event once, with its last correction. */
function shown(room: string, sender: string): string[] {
  const events = world.homeserver
    .timeline(room)
    .filter((e) => e.sender === sender && e.state_key === undefined)
  const relation = ({ content }: SimEvent) =>
    content['m.relates_to'] as { rel_type?: string; event_id?: string } | undefined
  const edits = new Map(
    events.filter((e) => relation(e)?.rel_type === 'm.replace').map((e) => [relation(e)?.event_id, e]),
  )
  return events
    .filter((e) => relation(e)?.rel_type !== 'm.replace' && e.type !== 'm.reaction')
    .map((e) => {
      const edit = edits.get(e.event_id)?.content['m.new_content'] as { body?: string } | undefined
      const poll = e.content['org.matrix.msc3381.poll.start'] as
        { question: { 'org.matrix.msc1767.text': string } } | undefined
      return edit?.body ?? poll?.question['org.matrix.msc1767.text'] ?? String(e.content['body'])
    })
}

const reactionsOf = (room: string, sender: string) =>
  world.homeserver.timeline(room).filter((e) => e.sender === sender && e.type === 'm.reaction').length

describe.each<When>(['before', 'after'])('killed %s', (when) => {
  test(
    'a request to the homeserver, while somebody new writes: one room, one ghost, everything once',
    () =>
      everywhere([0, 3, 7, 12], async (point) => {
        const { tg } = world.telegram
        const carol = contact()
        const ghost = `@_telegram_${carol.id}:${SERVER}`
        const { homeserver } = world
        const rooms = () =>
          homeserver
            .roomIds()
            .filter((id) => [...homeserver.members(id), ...homeserver.members(id, 'invite')].includes(ghost))
        const killed = await killedDuring(atRequest, point, when, async () => {
          const one = tg.say(carol, world.her, 'one')
          tg.say(carol, world.her, { text: 'two', media: tg.media.photo(Buffer.from('photo')) })
          tg.say(carol, world.her, {
            media: tg.media.poll(carol, { question: 'three?', answers: ['yes', 'no'] }),
          })
          tg.react(carol, tg.say(carol, world.her, 'four'), '👍')
          tg.edit(carol, one, 'one, corrected')
          await world.arrived(carol, 4)
        })
        await homeserver.waitFor(
          () =>
            rooms().some((id) => shown(id, ghost).includes('one, corrected') && reactionsOf(id, ghost) > 0),
          `all that follows from point ${point}`,
          PATIENCE_MS,
        )
        await world.settled(PATIENCE_MS)
        const [room = '', ...others] = rooms()
        expect(others, `point ${point}`).toEqual([])
        expect(shown(room, ghost), `point ${point}`).toEqual(['one, corrected', 'two', 'three?', 'four'])
        expect(reactionsOf(room, ghost), `point ${point}`).toBe(1)
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
      const killed = await killedDuring(trap, point, when, async () => {
        const one = await user.sendText(room, 'one')
        const two = await user.send(room, 'm.room.message', {
          msgtype: 'm.image',
          url: picture,
          filename: 'p.png',
          body: 'two',
          info: { mimetype: 'image/png', size: 7 },
        })
        const three = await user.reply(room, target, 'three')
        const reaction = await user.react(room, target, '👍')
        const edit = await user.edit(room, one, 'one, corrected')
        const gone = await user.sendText(room, 'gone')
        const redaction = await user.redact(room, gone)
        await world.routed([one, two, three, reaction, edit, gone, redaction])
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
      () => everywhere([0, 3, 6], (point) => writes(atCall, point)),
      600_000,
    )

    test(
      'a request to the homeserver: everything once',
      () => everywhere([0, 1, 3], (point) => writes(atRequest, point)),
      600_000,
    )
  })
})
