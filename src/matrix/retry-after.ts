import type { Reply } from './http.ts'

/** The wait that a `Retry-After` header asks for (RFC 9110 10.2.3: seconds, or a date). */
export function retryAfterMs(headers: Reply['headers'], now = Date.now()): number | undefined {
  const header = headers['retry-after']
  const value = (Array.isArray(header) ? header[0] : header)?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
