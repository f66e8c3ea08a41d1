const POLL_MS = 5

/** Waits until a condition holds. Rejects with what was waited for after `timeoutMs`. */
export async function until(
  condition: () => unknown,
  what: string | (() => string),
  timeoutMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline)
      throw new Error(`waited ${timeoutMs} ms in vain for ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
