import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Database } from '../../src/store/db.ts'
import { startEmbedded } from '../../src/store/embedded/start.ts'
import type { Embedded } from '../../src/store/embedded/start.ts'
import { migrate } from '../../src/store/migrate.ts'
import type { FreshDatabase } from '../support/database.ts'
import { IrcWorld } from '../support/worlds.ts'

/** A PostgreSQL of this test's own, which it can take away and bring back. */
class OwnServer {
  readonly #folder: string
  #server: Embedded | undefined

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async start(): Promise<OwnServer> {
    const own = new OwnServer(await mkdtemp(join(tmpdir(), 'viaduct-own-')))
    await own.up()
    return own
  }

  async up(): Promise<Embedded> {
    this.#server = await startEmbedded({ dataDir: join(this.#folder, 'pg'), unsafeNoSync: true })
    return this.#server
  }

  async down(): Promise<void> {
    await this.#server?.stop()
  }

  async database(): Promise<FreshDatabase> {
    const { connection } = this.#server ?? (await this.up())
    const db = await Database.open({ connection })
    await migrate(db)
    return { db, connection, url: '', drop: () => db.close() }
  }

  async remove(): Promise<void> {
    await this.down()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

let world: IrcWorld
let own: OwnServer | undefined

afterEach(async () => {
  await world.close()
  await own?.remove()
  own = undefined
})

const numbered = (word: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${word} ${from + i}`)

/** Both directions at once, a little apart, so that whatever happens meets some of them under way. */
async function talk(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 1) {
    await world.alice.user.sendText(world.room, `out ${i}`)
    world.bob.say(world.channel, `in ${i}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function allArrived(count: number): Promise<void> {
  await world.homeserver.waitFor(
    () => world.heard().length >= count && world.seen.length >= count,
    'everything',
    60_000,
  )
  await world.quiet()
  expect(world.heard()).toEqual(numbered('out', 0, count))
  expect(world.seen).toEqual(numbered('in', 0, count))
  const failed = `select kind, state, error_text from delivery where state in ('rejected', 'unknown', 'expired')`
  expect(await world.stack.database.db.query(failed)).toEqual([])
}

test.each(['all', 'none'] as const)(
  'PostgreSQL away for a while under load, IRC with %s of the capabilities: nothing lost, doubled or out of order',
  async (caps) => {
    own = await OwnServer.start()
    const lost: string[] = []
    const change = () => ({ onLost: (why: string) => void lost.push(why) })
    world = await IrcWorld.start({ database: await own.database(), sim: { caps }, change })
    const before = talk(0, 60)
    await world.homeserver.waitFor(() => world.heard().length > 20, 'the load')
    await own.down()
    await before
    expect(await world.put('while-down')).toBe(503)
    await talk(60, 90)
    const held = world.seen.length
    expect(held).toBeLessThan(90)
    await own.up()
    world.clock.jump(60_000)
    await allArrived(90)
    await talk(90, 95)
    await allArrived(95)
    expect(await world.put('afterwards')).toBe(200)
    expect(lost).toEqual([])
  },
)

test('IRC comes back while PostgreSQL is away: what was said meanwhile is found and waits', async () => {
  own = await OwnServer.start()
  world = await IrcWorld.start({ database: await own.database() })
  await talk(0, 3)
  await allArrived(3)
  await own.down()
  world.irc.kill('alice')
  world.bob.say(world.channel, 'in 3')
  await world.homeserver.waitFor(() => world.isIn('alice'), 'alice to be back')
  world.bob.say(world.channel, 'in 4')
  await own.up()
  world.clock.jump(60_000)
  await world.homeserver.waitFor(() => world.seen.length >= 5, 'both lines')
  expect(world.seen).toEqual(numbered('in', 0, 5))
})

test('a disk without room: commits are refused for a while, nothing is lost or doubled', async () => {
  world = await IrcWorld.start({ sim: { caps: 'none' } })
  const { db } = world.stack.database
  await db.query(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`)
  const before = talk(0, 40)
  await world.homeserver.waitFor(() => world.heard().length > 10, 'the load')
  for (const table of ['inbox', 'delivery', 'message'])
    await db.query(`create trigger full_disk before insert or update on ${table} execute function refuse()`)
  await before
  expect(await world.put('on-a-full-disk')).toBe(503)
  await talk(40, 60)
  expect(world.seen.length).toBeLessThan(60)
  for (const table of ['message', 'delivery', 'inbox']) await db.query(`drop trigger full_disk on ${table}`)
  world.clock.jump(60_000)
  await allArrived(60)
})
