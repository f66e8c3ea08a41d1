/** How a server compares nicks and channel names; `rfc7613` stands for its successor RFC 8265 too. */
export const CASEMAPS = ['ascii', 'rfc1459', 'rfc1459-strict', 'rfc7613'] as const
export type Casemap = (typeof CASEMAPS)[number]

const SCANDINAVIAN: Readonly<Record<string, string>> = { '[': '{', ']': '}', '\\': '|', '~': '^' }

/** The form of a nick or channel name that is equal for all spellings the server holds equal. Idempotent. */
export function fold(text: string, map: Casemap): string {
  switch (map) {
    case 'ascii':
      return text.replace(/[A-Z]+/g, lower)
    case 'rfc1459':
      return text.replace(/[A-Z]+/g, lower).replace(/[[\]\\~]/g, (c) => SCANDINAVIAN[c] ?? c)
    case 'rfc1459-strict':
      return text.replace(/[A-Z]+/g, lower).replace(/[[\]\\]/g, (c) => SCANDINAVIAN[c] ?? c)
    default:
      return foldUnicode(text)
  }
}

const lower = (text: string) => text.toLowerCase()

function foldUnicode(text: string): string {
  // Lower-casing can leave sequences that compose, and composing can leave ones with another lower case.
  let folded = text
  for (let round = 0; round < 4; round++) {
    const next = folded.normalize('NFC').toLowerCase().normalize('NFC')
    if (next === folded) break
    folded = next
  }
  return folded
}

/** Reads the value of CASEMAPPING. Without one RFC 1459 counts; of unknown ones only their ASCII part is trusted. */
export function readCasemap(value: string | undefined): Casemap {
  switch (value?.toLowerCase()) {
    case undefined:
    case 'rfc1459':
      return 'rfc1459'
    case 'rfc1459-strict':
    case 'strict-rfc1459':
      return 'rfc1459-strict'
    case 'rfc7613':
    case 'rfc8265':
    case 'precis':
      return 'rfc7613'
    default:
      return 'ascii'
  }
}
