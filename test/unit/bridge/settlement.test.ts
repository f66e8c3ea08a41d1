import { afterEach, beforeEach, expect, test } from 'vitest'
import { matrixEventId, remoteMessageId } from '../../../src/model/ids.ts'
import type { PortalId } from '../../../src/model/ids.ts'
import { noteDelivery } from '../../../src/bridge/notes.ts'
import { Settler } from '../../../src/bridge/settlement.ts'
import type { Settlement } from '../../../src/bridge/settlement.ts'
import type { NewMessage } from '../../../src/store/message.ts'
import { messageOfRemote } from '../../../src/store/message.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { portalOf, queue, rowOf } from '../../support/rows.ts'

let database: FreshDatabase
let portal: PortalId
let settler: Settler
const clock = new ManualClock()
let woken: string[]

beforeEach(async () => {
  database = await freshDatabase()
  portal = await portalOf(database.db, '#town')
  woken = []
  settler = new Settler(database.db, clock, (direction, id) => void woken.push(`${direction}:${id}`))
  await queue(database.db, portal, 20)
})

afterEach(() => database.drop())

const message = (id: string): NewMessage => ({
  portal,
  remoteId: remoteMessageId(id),
  part: 0,
  eventId: matrixEventId(`$event-${id}`),
  direction: 'to_remote',
  sender: '@alice:sim.local',
  at: clock.now(),
})

/** An ending with everything that an ending can bring. */
async function whole(source: string, more: Partial<Settlement> = {}): Promise<Settlement> {
  const { id } = await rowOf(database.db, source)
  return {
    change: { id, state: 'delivered', targetId: `remote-${source}` },
    messages: [message(`remote-${source}`)],
    deliveries: [
      noteDelivery({ portal, sourceId: `note:${source}`, at: clock.now() }, { kind: 'info', text: 'done' }),
    ],
    apply: async (tx) => {
      await tx.query('insert into setting (key, value) values ($1, $2)', [source, Buffer.from('applied')])
    },
    ...more,
  }
}

async function written(source: string) {
  const { db } = database
  const [note] = await db.query('select 1 from delivery where source_id = $1', [`note:${source}`])
  const [setting] = await db.query('select 1 from setting where key = $1', [source])
  return {
    state: (await rowOf(db, source)).state,
    message: (await messageOfRemote(db, portal, remoteMessageId(`remote-${source}`))) !== undefined,
    note: note !== undefined,
    setting: setting !== undefined,
  }
}

const ALL = { state: 'delivered', message: true, note: true, setting: true }
const NOTHING = { state: 'queued', message: false, note: false, setting: false }

test('an ending is written whole, and what follows from it wakes its lane after the commit', async () => {
  let seenAtWake: Promise<{ state: string }> | undefined
  settler = new Settler(database.db, clock, () => {
    seenAtWake = written('$e0')
  })
  await settler.settle(await whole('$e0'))
  expect(await written('$e0')).toEqual(ALL)
  expect(await seenAtWake).toEqual(ALL)
  expect((await rowOf(database.db, '$e0')).finishedAt).toEqual(clock.now())
})

test('a part that cannot be written takes all of its ending back', async () => {
  const broken = await whole('$e0', {
    apply: async (tx) => {
      await tx.query('insert into setting (key, value) values ($1, $2)', ['$e0', Buffer.from('half')])
      throw new Error('this ending is broken')
    },
  })
  await expect(settler.settle(broken)).rejects.toThrow('this ending is broken')
  expect(await written('$e0')).toEqual(NOTHING)
  expect(woken).toEqual([])
})

test('endings that are ready together share a commit', async () => {
  const endings = await Promise.all(Array.from({ length: 20 }, (_, i) => whole(`$e${i}`)))
  await Promise.all(endings.map((ending) => settler.settle(ending)))
  const rows = await database.db.query<{ commit: string }>(
    `select distinct xmin::text as commit from delivery where source_id like '$e%'`,
  )
  expect(rows).toHaveLength(1)
  for (let i = 0; i < 20; i += 1) expect(await written(`$e${i}`)).toEqual(ALL)
})

test('a broken ending fails alone, not with those that share its commit', async () => {
  const [before, broken, after] = [await whole('$e0'), await whole('$e1'), await whole('$e2')]
  broken.apply = () => Promise.reject(new Error('this ending is broken'))
  const results = await Promise.allSettled([before, broken, after].map((ending) => settler.settle(ending)))
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await written('$e0')).toEqual(ALL)
  expect(await written('$e1')).toEqual(NOTHING)
  expect(await written('$e2')).toEqual(ALL)
})

test('an ending that was written before its promise was heard can be written again', async () => {
  await settler.settle(await whole('$e0', { apply: () => Promise.resolve() }))
  await settler.settle(await whole('$e0', { apply: () => Promise.resolve() }))
  const notes = await database.db.query(`select 1 from delivery where source_id = 'note:$e0'`)
  expect(notes).toHaveLength(1)
})
