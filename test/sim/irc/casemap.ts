export type Casemapping = 'ascii' | 'rfc1459' | 'rfc1459-strict'

const UPPER: Record<Casemapping, RegExp> = {
  ascii: /[A-Z]/g,
  'rfc1459-strict': /[A-Z[\]\\]/g,
  rfc1459: /[A-Z[\]\\~]/g,
}

/** Returns the function that maps a nick or channel name to its lower-case form. Bytes above ASCII stay. */
export function casefolder(mapping: Casemapping): (name: string) => string {
  const upper = UPPER[mapping]
  // RFC 1459 section 2.2: {}|^ are the lower-case forms of []\~; all but the last lie 32 code points apart.
  return (name) => name.replace(upper, (c) => (c === '~' ? '^' : String.fromCharCode(c.charCodeAt(0) + 32)))
}
