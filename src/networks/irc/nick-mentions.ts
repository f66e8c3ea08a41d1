import type { MatrixUserId } from '../../model/ids.ts'
import { fold } from './casemap.ts'
import type { Casemap } from './casemap.ts'
import { trimEnd, trimStart } from './sanitize.ts'

export type NickOwner = (nick: string) => { user: MatrixUserId; name: string } | undefined
export type MentionPart = { text: string; owner?: { user: MatrixUserId; name: string } }

const SHORTEST_NICK = 3
const LINK = /[a-z][a-z0-9+.-]{0,15}:\/\/\S+/giu
// Letters and digits of any script, the punctuation of nicks, and the zero width space that bridges put into nicks.
const WORD = /[\p{L}\p{M}\p{N}[\]\\`_^{|}\-\u200b]+/gu
const EDGES = '[]\\`_^{|}-'

/**
 * Finds the nicks of puppets in a text: whole words of more than two characters, outside links. A zero width space in
 * one is taken out.
 */
export function findMentions(
  text: string,
  o: { nickOwner?: NickOwner; casemap?: Casemap; commonWords?: ReadonlySet<string> },
): MentionPart[] {
  const { nickOwner, casemap = 'rfc1459', commonWords } = o
  if (nickOwner === undefined) return [{ text }]
  const ownerOf = (nick: string) => {
    const folded = fold(nick, casemap)
    if (Array.from(folded).length < SHORTEST_NICK || commonWords?.has(folded) === true) return undefined
    return nickOwner(folded)
  }
  const links = Array.from(
    text.matchAll(LINK),
    (found) => [found.index, found.index + found[0].length] as const,
  )
  const parts: MentionPart[] = []
  let at = 0
  let link = 0
  for (const found of text.matchAll(WORD)) {
    const end = found.index + found[0].length
    while ((links[link]?.[1] ?? Number.POSITIVE_INFINITY) <= found.index) link++
    if ((links[link]?.[0] ?? Number.POSITIVE_INFINITY) < end || !standsAlone(text, found.index, end)) continue
    const word = found[0].replaceAll('\u200b', '')
    const bare = trimStart(trimEnd(word, EDGES), EDGES)
    const owner = ownerOf(word) ?? (bare === word ? undefined : ownerOf(bare))
    if (owner === undefined) continue
    const name = ownerOf(word) === undefined ? bare : word
    const lead = word.indexOf(name)
    parts.push({ text: text.slice(at, found.index) + word.slice(0, lead) }, { text: name, owner })
    parts.push({ text: word.slice(lead + name.length) })
    at = end
  }
  parts.push({ text: text.slice(at) })
  return parts.filter((part) => part.text !== '')
}

/** Not a part of a channel, a path, an address or a file name. */
function standsAlone(text: string, start: number, end: number): boolean {
  return (
    !/[#/.=&?]$/.test(text.slice(Math.max(0, start - 1), start)) &&
    !/^(?:[@/]|\.\w)/.test(text.slice(end, end + 2))
  )
}
