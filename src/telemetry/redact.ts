const SECRET_KEY =
  /(?:token|password|passphrase|secret|authorization|cookie|(?:encryption|media|private|signing|store)_?key)$/i
const IN_URL = /([?&](?:access_token|token|sig)=)[^&\s"]+|(:\/\/[^/\s:@"]*:)[^@\s/"]+(?=@)/g
const REDACTED = '[redacted]'
const DEEPEST = 5

/** The fields of a log line without what their names, or the form of an address, show to be secret. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return redact(fields, 0) as Record<string, unknown>
}

/** A function that takes the given secrets out of any text. */
export function redactValues(secrets: readonly string[]): (text: string) => string {
  // A short word would be found in innocent places.
  const known = secrets.filter((secret) => secret.length >= 8)
  if (known.length === 0) return (text) => text
  const pattern = new RegExp(known.map((secret) => RegExp.escape(secret)).join('|'), 'g')
  return (text) => text.replace(pattern, REDACTED)
}

function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  if (value instanceof Error) return redact(errorFields(value), depth)
  // Dates and our own classes know how they are written.
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    result[key] = SECRET_KEY.test(key) && inner !== undefined ? REDACTED : redact(inner, depth + 1)
  }
  return result
}

function redactText(text: string): string {
  if (!text.includes('=') && !text.includes('://')) return text
  return text.replace(
    IN_URL,
    (_, query: string | undefined, user: string | undefined) => `${query ?? user ?? ''}${REDACTED}`,
  )
}

function errorFields(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error
  const code = 'code' in error ? error.code : undefined
  return {
    type: name,
    message,
    ...(code !== undefined && { code }),
    stack,
    ...(cause !== undefined && { cause }),
  }
}
