const NUL = /\u0000/g

/** PostgreSQL's `text` refuses U+0000, which homeservers and networks may pass; it becomes U+FFFD. */
export const pgText = (value: string): string => value.replace(NUL, '\uFFFD')

export const pgTextOrNull = (value: string | undefined): string | null =>
  value === undefined ? null : pgText(value)

/** JSON bytes for a `bytea` column, which takes any string content. */
export const jsonBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8')

export function fromJsonBytes<T>(bytes: Buffer): T {
  return JSON.parse(bytes.toString('utf8')) as T
}
