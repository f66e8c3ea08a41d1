const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** Seconds in the largest unit that counts them whole: `7 days`. */
export function duration(seconds: number): string {
  const [size, name] = UNITS.find(([each]) => seconds >= each && seconds % each === 0) ?? [1, 'second']
  const count = Math.floor(seconds / size)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

export const timerWords = (who: string, seconds: number): string =>
  seconds > 0
    ? `${who} set messages to disappear after ${duration(seconds)}`
    : `${who} set messages not to disappear`
