import { beforeEach, expect, test } from 'vitest'
import { Receipts } from '../../../src/bridge/receipts.ts'
import type { MatrixSide } from '../../../src/matrix/index.ts'
import { matrixEventId, matrixRoomId } from '../../../src/model/ids.ts'
import { testSettings } from '../../support/settings.ts'

const town = matrixRoomId('!town:sim.local')
const village = matrixRoomId('!village:sim.local')

let shown: string[]
let timers: (() => void)[]
let receipts: Receipts

beforeEach(() => {
  shown = []
  timers = []
  const hints = {
    receipt: (room: string, event: string) => {
      shown.push(`${room} ${event}`)
      return shown.length === 2 ? Promise.reject(new Error('away')) : Promise.resolve(true)
    },
  }
  const matrix = { hints } as unknown as MatrixSide
  const after = (_ms: number, fn: () => void) => {
    timers.push(fn)
    return () => {}
  }
  receipts = new Receipts(matrix, testSettings(), { now: () => new Date(), after })
})

const delivered = (room: typeof town, ...events: string[]) => {
  for (const event of events) receipts.delivered(room, matrixEventId(event))
}
const rest = () => new Promise((resolve) => setImmediate(resolve))
const pass = async () => {
  for (const timer of timers.splice(0)) timer()
  await rest()
}

test('the first is shown at once, of those that follow only the newest', async () => {
  delivered(town, '$1')
  expect(shown).toEqual(['!town:sim.local $1'])
  await rest()
  delivered(town, '$2', '$3')
  expect(shown).toHaveLength(1)
  await pass()
  expect(shown.at(-1)).toBe('!town:sim.local $3')
  // That one failed; the next is shown all the same.
  delivered(town, '$4')
  await pass()
  expect(shown.at(-1)).toBe('!town:sim.local $4')
  await pass()
  expect(timers).toEqual([])
  delivered(town, '$5')
  expect(shown).toHaveLength(4)
})

test('rooms do not wait for each other', () => {
  delivered(town, '$1', '$2')
  delivered(village, '$3')
  expect(shown).toEqual(['!town:sim.local $1', '!village:sim.local $3'])
})

test('where receipts are off, none is shown', () => {
  const silent = new Receipts({} as MatrixSide, testSettings({ deliveryReceipts: false }))
  silent.delivered(town, matrixEventId('$1'))
  expect(timers).toEqual([])
})
