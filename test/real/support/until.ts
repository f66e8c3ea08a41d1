import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until the answer is true. @throws with `what` after `timeoutMs` milliseconds */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`)
    await delay(50)
  }
}
