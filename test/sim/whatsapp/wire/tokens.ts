import { DOUBLE_BYTE_TOKENS, SINGLE_BYTE_TOKENS } from '@whiskeysockets/baileys/lib/WABinary/constants.js'

/** Bytes that say what follows. Bytes below them are words of the dictionary. */
export const MARK = {
  empty: 0,
  /** the first of four dictionaries whose words take a second byte */
  dictionary: 236,
  deviceJid: 247,
  list8: 248,
  list16: 249,
  jid: 250,
  hex: 251,
  binary8: 252,
  binary20: 253,
  binary32: 254,
  nibbles: 255,
} as const

const DICTIONARIES = 4
/** A device JID says its server by a number. */
const DOMAINS: readonly (readonly [number, string])[] = [
  [0, 's.whatsapp.net'],
  [1, 'lid'],
  [128, 'hosted'],
  [129, 'hosted.lid'],
]
const serverOfDomain = new Map(DOMAINS)
const domainOfServer = new Map(DOMAINS.map(([domain, server]) => [server, domain]))

const bytesOfWord = new Map<string, readonly number[]>()
for (const [index, word] of SINGLE_BYTE_TOKENS.entries()) if (word !== '') bytesOfWord.set(word, [index])
for (const [dictionary, words] of DOUBLE_BYTE_TOKENS.slice(0, DICTIONARIES).entries())
  for (const [index, word] of words.entries())
    if (!bytesOfWord.has(word)) bytesOfWord.set(word, [MARK.dictionary + dictionary, index])

/** The bytes of a word of the dictionary. */
export function tokenOf(word: string): readonly number[] | undefined {
  return bytesOfWord.get(word)
}

export function singleToken(index: number): string | undefined {
  return SINGLE_BYTE_TOKENS[index]
}

export function doubleToken(dictionary: number, index: number): string | undefined {
  return DOUBLE_BYTE_TOKENS[dictionary]?.[index]
}

export function serverOf(domain: number): string | undefined {
  return serverOfDomain.get(domain)
}

export function domainOf(server: string): number | undefined {
  return domainOfServer.get(server)
}
