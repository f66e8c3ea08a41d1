import { setImmediate as breath } from 'node:timers/promises'
import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys'

/** Look-ups of mappings wait for each other from inside other transactions, so that they need a lock of their own. */
const MAPPING_LABEL = 'lid-mapping'
const LABEL = 'all'

/**
 * Baileys locks transactions by labels that it does not choose consistently (its pull request #2811): two of them can change
 * one session at the same time. From now on there is one label.
 */
export function oneLabel(keys: SignalKeyStoreWithTransaction): void {
  const transaction = keys.transaction.bind(keys)
  keys.transaction = (work, label) => transaction(work, label === MAPPING_LABEL ? label : LABEL)
}

/**
 * Runs works one after the other, `atOnce` of them before everything else in the process has its turn: of hundreds that are
 * asked for at once, each takes some milliseconds of cryptography.
 */
export function oneByOne(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let begun = 0
  return (work) => {
    waiting++
    const turn = tail.then(() => (++begun % atOnce === 0 ? breath() : undefined))
    const done = turn.then(work).finally(() => {
      if (--waiting === 0) begun = 0
    })
    tail = done.catch(() => undefined)
    return done
  }
}

/** Of many calls right after each other, every `each`th lets everything else in the process have its turn. */
export function pauses(each: number): () => Promise<void> {
  let calls = 0
  let reset: NodeJS.Immediate | undefined
  return async () => {
    // A new turn of the event loop begins a new row of calls.
    reset ??= setImmediate(() => {
      reset = undefined
      calls = 0
    })
    if (++calls % each === 0) await breath()
  }
}

const tails = new Map<string, Promise<void>>()

/**
 * Runs `work` alone among all of this process that have the same Signal address. libsignal queues its jobs by address for the
 * whole process and runs one account's job in the asynchronous context of another's, where Baileys finds no transaction.
 */
export async function alone<T>(address: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(address)
  let done: () => void = () => undefined
  const own = new Promise<void>((resolve) => (done = resolve))
  tails.set(address, own)
  try {
    await before
    return await work()
  } finally {
    if (tails.get(address) === own) tails.delete(address)
    done()
  }
}
