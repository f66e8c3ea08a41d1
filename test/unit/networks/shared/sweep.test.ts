import { expect, test } from 'vitest'
import { sweepAfter } from '../../../../src/networks/shared/sweep.ts'

const MB = 1024 * 1024

test('buffers that nobody uses are freed while a file goes through', async () => {
  const before = process.memoryUsage().arrayBuffers
  const more = () => (process.memoryUsage().arrayBuffers - before) / MB
  let most = 0
  for (let i = 0; i < 64; i++) {
    new Uint8Array(MB / 2).fill(i)
    sweepAfter(MB / 2)
    // Buffers are swept beside the program.
    await new Promise((resolve) => setTimeout(resolve, 5))
    most = Math.max(most, more())
  }
  expect(most).toBeLessThan(16)
})
