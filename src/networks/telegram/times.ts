/** Seconds as people say them: `1 minute 5 seconds`, `2 days`. Of large times only the two largest units. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ]
  let rest = Math.max(0, Math.round(seconds))
  const words: string[] = []
  for (const [size, name] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) words.push(`${count} ${name}${count === 1 ? '' : 's'}`)
  }
  return words.length === 0 ? '0 seconds' : words.slice(0, 2).join(' ')
}

/** A moment in Unix seconds, in UTC: `2026-03-05 14:30 UTC`. */
export const moment = (seconds: number): string =>
  Number.isFinite(seconds) && Math.abs(seconds) < 1e11
    ? `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'some time'
