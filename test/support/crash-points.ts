import { expect } from 'vitest'
import type { SimUser } from '../sim/homeserver/index.ts'
import type { Killed } from './killed.ts'

/** `npm run test:long` tries every point at which the bridge talks to somebody; otherwise it is a few. */
const ALL = process.env['VIADUCT_CRASH_POINTS'] === 'all'
/** More points than anything has. */
const MOST = 120
const PATIENCE_MS = 30_000

export type When = 'before' | 'after'
/** Ends the bridge at the given point of what happens next; the returned function says whether the point was reached. */
export type Trap = (point: number, when: When) => () => boolean

/** Not the look at all rooms with which every start begins. */
const OF_DELIVERIES = /^(?!.*\/messages$)/

/** SIGKILL at a request to the homeserver: before it is handled, or after, so that nobody hears the answer. */
export function atRequestOf({ homeserver, bridge }: Killed): Trap {
  return (point, when) => {
    let reached = false
    const first = () => {
      reached = true
      return bridge.kill()
    }
    const off = homeserver.faults.respond(
      { path: OF_DELIVERIES, skip: point, times: 1 },
      { reset: when, first },
    )
    return () => {
      off()
      return reached
    }
  }
}

/** Does something while a trap is set, waits until all is quiet, and gives whether the bridge was killed on the way. */
export async function killedDuring(
  world: Killed,
  isReached: () => boolean,
  act: () => Promise<void>,
): Promise<boolean> {
  const { killed } = world.bridge
  // A bridge that was ended can't settle anything; one that was not ends with an empty ledger.
  await Promise.race([killed, act().then(() => world.settled(PATIENCE_MS))])
  const was = isReached()
  if (was) {
    await killed
    await world.bridge.start()
  }
  return was
}

/** Tries an act at one point after another, until one is not reached. */
export async function everywhere(few: number[], act: (point: number) => Promise<boolean>): Promise<void> {
  const points = ALL ? Array.from({ length: MOST }, (_, i) => i) : few
  let kills = 0
  for (const point of points) {
    if (!(await act(point))) break
    kills += 1
  }
  console.log(`killed at ${kills} points`)
  expect(kills).toBeGreaterThanOrEqual(1)
  expect(ALL && kills === MOST).toBe(false)
}

/**
 * A Matrix user says "one", a picture under "two" and "three" in answer to `target`, to which they react, and correct the
 * first. @returns the events
 */
export async function saysAll(
  user: SimUser,
  room: string,
  target: string,
  picture: string,
): Promise<string[]> {
  const one = await user.sendText(room, 'one')
  const image = {
    msgtype: 'm.image',
    url: picture,
    filename: 'p.png',
    body: 'two',
    info: { mimetype: 'image/png', size: 7 },
  }
  return [
    one,
    await user.send(room, 'm.room.message', image),
    await user.reply(room, target, 'three'),
    await user.react(room, target, '👍'),
    await user.edit(room, one, 'one, corrected'),
  ]
}
