import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { WAKE_CHANNEL } from '../../../src/cli/ledger-change.ts'
import { deliveryId, matrixRoomId, remoteChatId } from '../../../src/model/ids.ts'
import { changeStates, insertDeliveries } from '../../../src/store/delivery.ts'
import { updatePortal, upsertPortal } from '../../../src/store/portal.ts'
import type { Portal } from '../../../src/store/portal.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { INIT, newFolder, viaduct } from './terminal.ts'

let fresh: FreshDatabase
let folder: string
let portal: Portal
beforeAll(async () => {
  fresh = await freshDatabase()
  folder = newFolder()
  await viaduct(folder, INIT)
  portal = await upsertPortal(fresh.db, {
    network: 'irc',
    id: remoteChatId('libera/#viaduct'),
    type: 'channel',
  })
  await updatePortal(fresh.db, portal.id, { roomId: matrixRoomId('!room:example.org') })
})
afterAll(() => fresh.drop())

const ledger = (...words: string[]) =>
  viaduct(folder, ['ledger', ...words], { env: { VIADUCT__DATABASE__URL: fresh.url } })

/** Five deliveries: queued, delivered, rejected, expired, and one rejected whose body is gone. */
beforeEach(async () => {
  await fresh.db.query('truncate delivery restart identity')
  const at = new Date(Date.now() - 3_600_000)
  await insertDeliveries(
    fresh.db,
    ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      direction: 'to_remote' as const,
      portal: portal.id,
      sourceId: `$${name}`,
      kind: 'message' as const,
      sender: '@alice:example.org',
      body: { words: `secret words ${name}` },
      at,
    })),
  )
  await changeStates(
    fresh.db,
    [
      { id: deliveryId(2), state: 'delivered' },
      { id: deliveryId(3), state: 'rejected', errorCode: 'network_refused', errorText: 'You are\nbanned' },
      { id: deliveryId(4), state: 'expired', errorCode: 'too_old', errorText: 'late' },
      { id: deliveryId(5), state: 'rejected', clearBody: true },
    ],
    new Date(),
  )
})

const states = async () =>
  (await fresh.db.query<{ state: string }>('select state from delivery order by id')).map(
    ({ state }) => state,
  )

test('list shows rows for people, newest first, without what was written', async () => {
  const { code, out } = await ledger('list')
  expect(code).toBe(0)
  const lines = out.split('\n')
  expect(lines[0]).toMatch(/^ID {2}STATE +DIRECTION +KIND +CHAT +SENDER +AGE +TRIES +REASON$/)
  expect(lines.slice(1, 6).map((line) => line.trim()[0])).toEqual(['5', '4', '3', '2', '1'])
  expect(lines[3]).toMatch(
    /rejected +to_remote +message +libera\/#viaduct +@alice:example.org .*network_refused: You are banned$/,
  )
  expect(lines[6]).toMatch(/^1 wait in all, the oldest for /)
  expect(out).not.toContain('secret words')
})

test('rows are chosen by state, direction, room and number', async () => {
  const ids = async (...words: string[]) =>
    (await ledger('list', '--json', ...words)).out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { id: number }).id)
  expect(await ids('--state', 'failed')).toEqual([5, 4, 3])
  expect(await ids('--state', 'waiting', '--state', 'delivered')).toEqual([2, 1])
  expect(await ids('--state', 'expired,queued')).toEqual([4, 1])
  expect(await ids('--direction', 'to_matrix')).toEqual([])
  expect(await ids('--direction', 'to-remote', '--limit', '2')).toEqual([5, 4])
  expect(await ids('--room', '!other:example.org')).toEqual([])
  expect(await ids('--sender', '@alice:example.org', '--room', '!room:example.org', '--limit', '1')).toEqual([
    5,
  ])
})

test('what was written is shown on demand only', async () => {
  expect((await ledger('show', '1')).out).not.toContain('secret words')
  expect((await ledger('show', '1', '--body')).out).toContain('secret words a')
  expect((await ledger('list', '--body')).out).toMatch(/^5: \(cleared\)$/m)
  const row = JSON.parse((await ledger('list', '--json', '--body', '--limit', '2')).out.split('\n')[1] ?? '')
  expect(row).toMatchObject({ id: 4, body: { words: 'secret words d' } })
  expect(await ledger('show', '99')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no delivery 99'),
  })
})

test('retry queues failed rows and wakes the bridge', async () => {
  let wake: () => void = () => undefined
  const woken = new Promise<void>((resolve) => {
    wake = resolve
  })
  const unlisten = await fresh.db.listen(WAKE_CHANNEL, () => wake())
  const { code, out } = await ledger('retry', '3', '#4')
  expect([code, out]).toEqual([0, '2 of 2 queued again.'])
  expect(await states()).toEqual(['queued', 'delivered', 'queued', 'queued', 'rejected'])
  await woken
  unlisten()
})

test('what cannot be retried is explained', async () => {
  const { code, out, err } = await ledger('retry', '2', '5', '77')
  expect([code, out]).toEqual([1, '0 of 3 queued again.'])
  expect(err.split('\n')).toEqual([
    '2: is delivered',
    '5: its text is past its retention and cannot be sent again',
    '77: there is no such delivery',
  ])
})

test('many are chosen as list chooses them', async () => {
  expect((await ledger('retry', '--state', 'failed', '--room', '!room:example.org')).out).toBe(
    '2 of 3 queued again.',
  )
  expect((await ledger('discard', '--state', 'queued', '--why', 'not wanted')).out).toBe('3 of 3 discarded.')
  expect(await states()).toEqual(['rejected', 'delivered', 'rejected', 'rejected', 'rejected'])
  expect((await ledger('show', '1', '--json')).out).toContain('"errorText":"not wanted"')
  expect((await ledger('discard', '--sender', '@nobody:example.org')).out).toBe('No deliveries match.')
})

test.each([
  [['retry'], 'Say which: ids, or --state'],
  [['retry', 'x'], 'Not the id of a delivery: x'],
  [['retry', '--state', 'queued'], 'only rejected, unknown, expired'],
  [['list', '--state', 'quued'], 'Did you mean queued?'],
  [['list', '--direction', 'up'], 'Known are to_remote, to_matrix'],
  [['list', '--limit', '0'], '--limit needs a number from 1'],
  [['show'], 'show needs the id of one delivery'],
  [['lst'], 'Did you mean list?'],
  [[], 'Say what to do: list, show, retry, discard'],
])('ledger %j is refused', async (words, expected) => {
  expect(await ledger(...words)).toMatchObject({ code: 2, err: expect.stringContaining(expected) })
})

test('a database without the schema is not touched; migrate makes it', async () => {
  const empty = await freshDatabase({ empty: true })
  const options = { env: { VIADUCT__DATABASE__URL: empty.url } }
  expect(await viaduct(folder, ['ledger', 'list'], options)).toMatchObject({
    code: 1,
    err: expect.stringContaining('viaduct migrate'),
  })
  expect((await viaduct(folder, ['migrate'], options)).out).toMatch(/^Migrated from version 0 to \d+\.$/)
  expect((await viaduct(folder, ['migrate'], options)).out).toMatch(
    /^The database is at version \d+ already\.$/,
  )
  expect((await viaduct(folder, ['ledger', 'list'], options)).out).toContain('Nothing waits.')
  await empty.db.query("insert into schema_migration (version, name, sha256) select 999, '0999-x.sql', ''")
  expect((await viaduct(folder, ['ledger', 'list'], options)).err).toContain(
    'The database is at schema version 999',
  )
  await empty.drop()
})

test('the embedded database is used where none is named', async () => {
  const first = await viaduct(folder, ['migrate'])
  expect(first.out).toContain('Migrated from version 0')
  expect((await viaduct(folder, ['ledger', 'list'])).out).toContain('No deliveries match.')
})
