import { createHash } from 'node:crypto'
import { matrixUserId } from '../model/ids.ts'
import type { MatrixUserId } from '../model/ids.ts'

/** Specification, "Size limits": with sigil and server name. */
const LONGEST_ID_BYTES = 255
const LONGEST_ALIAS_BYTES = 160
const HASH_DIGITS = 32

/** Never written by `escapeLocalpart`, where two hexadecimal digits follow each `=`. */
const HASH_MARK = '=.'

/**
 * A network's id as part of a user's localpart: a-z 0-9 and `._-/+` stand for themselves, every other byte of UTF-8 is
 * `=hh` (specification, "Mapping from other character sets"). Two ids never give the same localpart.
 */
export function escapeLocalpart(id: string): string {
  let out = ''
  for (const byte of bytesOf(id)) {
    const char = String.fromCharCode(byte)
    out += /[a-z0-9._\-/+]/.test(char) ? char : `=${byte.toString(16).padStart(2, '0')}`
  }
  return out
}

/** Lone surrogates have no UTF-8; each is written in a way that no other id gives. */
function bytesOf(id: string): Buffer {
  if (id.isWellFormed()) return Buffer.from(id)
  // WTF-8: the three bytes that the code unit would have.
  return Buffer.concat(
    Array.from(id, (char) => {
      const unit = char.charCodeAt(0)
      if (char.isWellFormed()) return Buffer.from(char)
      return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)])
    }),
  )
}

/** The id that was escaped; undefined for what `escapeLocalpart` does not write, and for ids that were shortened. */
export function unescapeLocalpart(localpart: string): string | undefined {
  if (!/^(?:[a-z0-9._\-/+]|=[0-9a-f]{2})*$/.test(localpart)) return undefined
  const bytes = localpart.replace(/=([0-9a-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const id = Buffer.from(bytes, 'latin1').toString('utf8')
  return escapeLocalpart(id) === localpart ? id : undefined
}

/**
 * The Matrix id of a network's person: `@<prefix><network>_<localpart>:<server>`. `localpart` is escaped already (the
 * connector's `ghostLocalpart`); one that is not, or that makes the id too long, is told apart by a hash.
 */
export function ghostUserId(
  prefix: string,
  network: string,
  localpart: string,
  server: string,
): MatrixUserId {
  const most = LONGEST_ID_BYTES - Buffer.byteLength(`@${prefix}${network}_:${server}`)
  const legal = /^[a-z0-9._=\-/+]+$/.test(localpart)
  const safe = legal && localpart.length <= most ? localpart : hashed(escapeLocalpart(localpart), most)
  return matrixUserId(`@${prefix}${network}_${safe}:${server}`)
}

/** The localpart of a room alias that people can read and type: `<prefix><network>_<escaped chat id>`. */
export function aliasLocalpart(prefix: string, network: string, chatId: string): string {
  return `${prefix}${network}_${short(escapeLocalpart(chatId), LONGEST_ALIAS_BYTES)}`
}

/**
 * The localpart of the alias under which a portal is created, the same on every attempt: the second `createRoom` finds
 * the first one's room. `receiver` tells apart the conversations that each login has for itself.
 */
export function portalAlias(prefix: string, network: string, chatId: string, receiver?: number): string {
  const key = JSON.stringify([network, chatId, receiver ?? null])
  return `${prefix}${network}_${HASH_MARK}${hash(key)}`
}

const short = (escaped: string, most: number): string =>
  escaped.length <= most ? escaped : hashed(escaped, most)

/** As much of the text as fits before a mark and the hash of all of it. */
const hashed = (escaped: string, most: number): string =>
  escaped.slice(0, Math.max(0, most - HASH_DIGITS - HASH_MARK.length)) + HASH_MARK + hash(escaped)

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)
