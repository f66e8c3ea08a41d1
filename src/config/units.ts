const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const SIZE_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
}

export const DURATION_HINT = 'a duration with its unit (ms, s, m, h, d, w), such as 30s, 1h30m or 90d'
export const SIZE_HINT = 'a size with its unit (B, kB, MB, GB, KiB, MiB, GiB), such as 100MB'

/** Milliseconds of `1h30m`, `500ms`, `90d`. Undefined when it cannot be understood. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase().replaceAll(/\s+/g, '')
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(compact)) return undefined
  let total = 0
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (DURATION_MS[unit ?? ''] ?? Number.NaN)
  }
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined
}

/** Bytes of `100MB`, `1.5 GiB`. Undefined when it cannot be understood. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([kmg]i?b|b)$/.exec(text.trim().toLowerCase()) ?? []
  if (amount === undefined || unit === undefined) return undefined
  const bytes = Math.round(Number(amount) * (SIZE_BYTES[unit] ?? Number.NaN))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** `90061000` as `1d 1h`: the two largest units that are not zero. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const parts: string[] = []
  let rest = Math.floor(ms / 1000) * 1000
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = DURATION_MS[unit] ?? 1
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count}${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}
