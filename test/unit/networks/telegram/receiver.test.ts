import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PeersIndex, RawUpdateInfo } from '@mtcute/core'
import { expect, test } from 'vitest'
import { Gate } from '../../../../src/networks/telegram/gate.ts'
import { nodePlatform } from '../../../../src/networks/telegram/platform.ts'
import { Receiver } from '../../../../src/networks/telegram/receiver.ts'
import type { Converted, ReceiverDeps } from '../../../../src/networks/telegram/receiver.ts'
import { JumpClock } from '../../../support/jump-clock.ts'
import { silentLog } from '../irc/fake-host.ts'

const NOTHING: Converted = { events: [] }
const update = new RawUpdateInfo({ _: 'updateConfig' }, new PeersIndex())

function receiver(change: Partial<ReceiverDeps>) {
  const clock = new JumpClock()
  const gate = new Gate()
  const poisoned: unknown[] = []
  const down: unknown[] = []
  const made = new Receiver({
    host: { accept: async () => {}, clock, log: silentLog },
    gate,
    convert: async () => NOTHING,
    storeAnswers: async () => {},
    poisoned: async (_, error) => (poisoned.push(error), NOTHING),
    accepted: async () => {},
    hinted: () => {},
    onDown: (error) => down.push(error),
    ...change,
  })
  const read = async () => {
    made.onUpdate(update)
    let passed: boolean | undefined
    gate.pass().then(
      () => (passed = true),
      () => (passed = false),
    )
    await clock.jumpUntil(() => passed !== undefined, 1_000, 'the gate')
    return passed
  }
  return { read, poisoned, down }
}

const failing = (times: number, error = new Error('broken')) => {
  let left = times
  return async (): Promise<Converted> => {
    if (left-- > 0) throw error
    return NOTHING
  }
}

test('an update that cannot be read while nothing can be read is no fault of its own', async () => {
  let away = 5
  const { read, poisoned, down } = receiver({
    convert: failing(5),
    storeAnswers: async () => {
      if (away-- > 0) throw new Error('the database is away')
    },
  })
  expect(await read()).toBe(true)
  expect([poisoned, down]).toEqual([[], []])
})

test('nothing can be read for over a minute: the connection ends, and the cursor stays', async () => {
  const error = new Error('the database is away')
  const { read, poisoned, down } = receiver({
    convert: failing(1_000),
    storeAnswers: () => Promise.reject(error),
  })
  expect(await read()).toBe(false)
  expect([poisoned, down]).toEqual([[], [error]])
})

test('an update that fails twice while all else is well is put aside', async () => {
  const error = new Error('broken')
  const { read, poisoned } = receiver({ convert: failing(2, error) })
  expect(await read()).toBe(true)
  expect(poisoned).toEqual([error])
})

test('what has to be kept beside the ledger is kept with the next attempt', async () => {
  let accepted = 0
  const { read } = receiver({
    accepted: async () => {
      accepted += 1
      if (accepted < 3) throw new Error('the database is away')
    },
  })
  expect(await read()).toBe(true)
  expect(accepted).toBe(3)
})

test('the line by which mtcute says that an update may be dropped is heard', () => {
  const core = createRequire(import.meta.url).resolve('@mtcute/core')
  const source = readFileSync(join(core, '../highlevel/updates/manager.js'), 'utf8')
  const [line] = /updates loop encountered error[^"]*/.exec(source) ?? []
  const dropped: string[] = []
  const { log } = nodePlatform(silentLog, ({ message }) => dropped.push(message))
  log(31, 1, 'updates', `[USER 1] ${line ?? ''}`, [new Error('why')])
  log(31, 1, 'updates', 'another fault', [])
  expect(dropped).toEqual([expect.stringMatching(/encountered error.*why/)])
})
