/** What one check found: well, a thing to know, or a fault. */
export type Finding = {
  level: 'ok' | 'warning' | 'fault'
  check: string
  text: string
  /** What to do about it. */
  mend?: string
}

export const ok = (check: string, text: string): Finding => ({ level: 'ok', check, text })

export const warning = (check: string, text: string, mend?: string): Finding => ({
  level: 'warning',
  check,
  text,
  ...(mend !== undefined && { mend }),
})

export const fault = (check: string, text: string, mend?: string): Finding => ({
  level: 'fault',
  check,
  text,
  ...(mend !== undefined && { mend }),
})

const SIGNS = { ok: '✓', warning: '!', fault: '✗' } as const

/** A finding as a line, and a second one with what to do. */
export function findingLines({ level, check, text, mend }: Finding): string[] {
  const line = `${SIGNS[level]} ${check}: ${text}`
  return mend === undefined ? [line] : [line, `    → ${mend}`]
}
