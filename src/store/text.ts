const NUL = /\u0000/g

/** PostgreSQL's `text` refuses U+0000, which homeservers and networks may pass; it becomes U+FFFD. */
export const pgText = (value: string): string => value.replace(NUL, '\uFFFD')

export const pgTextOrNull = (value: string | undefined): string | null =>
  value === undefined ? null : pgText(value)

/** JSON bytes for a `bytea` column, which takes any string content. */
export const jsonBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8')

/** What `jsonBytes` wrote; the caller says what it is. */
export const fromJsonBytes = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'))
