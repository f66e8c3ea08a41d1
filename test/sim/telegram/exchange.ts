import { expect, onTestFinished } from 'vitest'
import type { Api, TelegramClient as Gram } from 'telegram'
import type { TelegramClient as Mtcute } from '@mtcute/core/client.js'
import type { tl } from '@mtcute/core'
import { gram } from './clients/gram.ts'
import { mtcute } from './clients/mtcute.ts'
import { SERVER_KEY } from './wire/test-key.ts'
import { TelegramWire } from './wire/wire.ts'
import { SimWorld } from './world/index.ts'
import type { Account, Switches } from './world/index.ts'

/** Alice uses mtcute, Bob uses GramJS, both on one server. */
export type Exchange = {
  wire: TelegramWire
  tg: SimWorld
  alice: Account
  bob: Account
  carol: Account
  mt: Mtcute
  gj: Gram
  /** What Alice's client was told. */
  updates: tl.TypeUpdate[]
  /** What Bob's client was told. */
  events: Api.TypeUpdate[]
  /** Waits until Alice's client was told of that. */
  told: (kind: tl.TypeUpdate['_'], fields?: Record<string, unknown>) => Promise<void>
}

/** Both are logged in and know each other by username. Stopped when the test ends, which fails if the server had a problem. */
export async function exchange(switches: Partial<Switches> = {}): Promise<Exchange> {
  const worlds: SimWorld[] = []
  const wire = await TelegramWire.start({ serverKey: SERVER_KEY }, (made) => {
    const world = new SimWorld(made, switches)
    worlds.push(world)
    return world
  })
  const [tg] = worlds
  if (tg === undefined) throw new Error('no world')
  const alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  const bob = tg.user({ firstName: 'Bob', phone: '200', username: 'bobby' })
  const carol = tg.user({ firstName: 'Carol', phone: '300', username: 'carol' })
  const updates: tl.TypeUpdate[] = []
  const events: Api.TypeUpdate[] = []
  const mt = await mtcute(wire, { login: { authKey: wire.preauth(alice.id), userId: alice.id } })
  mt.onRawUpdate.add(({ update }) => updates.push(update))
  await mt.start({})
  // Until its first difference has come, mtcute takes no notice of pushes.
  await expect.poll(() => wire.journal.calls({ method: 'updates.getDifference' })[0]?.outcome).toBe('ok')
  const gj = await gram(wire, { authKey: wire.preauth(bob.id) })
  gj.addEventHandler((event: Api.TypeUpdate) => events.push(event))
  await gj.connect()
  await gj.getMe()
  onTestFinished(async () => {
    await mt.destroy()
    await gj.destroy()
    await wire.stop()
    expect(wire.journal.problems).toEqual([])
  })
  const told = (kind: tl.TypeUpdate['_'], fields: Record<string, unknown> = {}) =>
    expect
      .poll(() => updates, { timeout: 5000 })
      .toContainEqual(expect.objectContaining({ _: kind, ...fields }))
  return { wire, tg, alice, bob, carol, mt, gj, updates, events, told }
}

/** What a vector of mtcute's history says, the oldest first. */
export const textsOf = (messages: readonly { text: string; id: number }[]): string[] =>
  messages.toSorted((a, b) => a.id - b.id).map(({ text }) => text)
