/** Milliseconds before attempt `failures + 1`: doubles from `baseMs` to `capMs`, the upper half of it random, so that many lanes don't come back at once. */
export function backoffMs(
  failures: number,
  options: { baseMs: number; capMs: number },
  random: () => number = Math.random,
): number {
  const full = Math.min(options.capMs, options.baseMs * 2 ** Math.min(Math.max(0, failures - 1), 30))
  return Math.round(full / 2 + (full / 2) * random())
}
