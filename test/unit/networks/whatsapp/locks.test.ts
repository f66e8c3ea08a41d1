import { addTransactionCapability } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { AuthState } from '../../../../src/networks/whatsapp/auth-state.ts'
import { alone, oneLabel } from '../../../../src/networks/whatsapp/locks.ts'
import { MemorySession } from '../../../../src/networks/shared/memory-session.ts'
import { SILENT } from '../../../../src/networks/whatsapp/quiet.ts'
import { Vault } from '../../../../src/networks/whatsapp/vault.ts'

const keysOfNobody = () => {
  const { keys } = new AuthState(new Vault(new MemorySession(), new Map(), () => undefined))
  return addTransactionCapability(keys, SILENT, { maxCommitRetries: 1, delayBetweenTriesMs: 0 })
}

/** Runs two at once. @returns whether the second began before the first had ended */
async function overlap(run: (n: 1 | 2, work: () => Promise<void>) => Promise<unknown>): Promise<boolean> {
  let overlaps = false
  let isIn = false
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const first = run(1, async () => {
    isIn = true
    await held
    isIn = false
  })
  const second = run(2, async () => {
    overlaps = isIn
  })
  // All that can begin begins within a few turns.
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  release()
  await Promise.all([first, second])
  return overlaps
}

test('transactions with different labels exclude each other, but for those of mappings', async () => {
  const labelled = (labels: [string, string], keys = keysOfNobody()) => {
    oneLabel(keys)
    return overlap((n, work) => keys.transaction(work, labels[n - 1] ?? ''))
  }
  expect(await labelled(['111@lid', 'me@lid'])).toBe(false)
  expect(await labelled(['111@lid', 'lid-mapping'])).toBe(true)
  const stock = keysOfNobody()
  expect(await overlap((n, work) => stock.transaction(work, String(n)))).toBe(true)
})

test('work for one address is done alone, for two at the same time', async () => {
  expect(await overlap((_n, work) => alone('111.0', work))).toBe(false)
  expect(await overlap((n, work) => alone(`${n}.0`, work))).toBe(true)
})

test('work that fails lets the next one in', async () => {
  await expect(alone('1.0', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(await alone('1.0', async () => 'next')).toBe('next')
})
