import { RpcFault } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import { Args } from '../args.ts'
import { LIMITS, lengthOf } from '../limits.ts'
import { userOf } from '../peers.ts'
import type { View } from '../view.ts'

export type Text = { text: string; entities: readonly TlObject[] }

const FOUND: readonly (readonly [string, RegExp])[] = [
  ['messageEntityUrl', /\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g],
  ['messageEntityEmail', /\b[\w.+-]+@[\w-]+\.[\w.-]*\w\b/g],
  ['messageEntityMention', /(?<![\w@.])@\w{4,32}\b/g],
  ['messageEntityHashtag', /(?<![\w#])#[\p{L}\p{N}_]+/gu],
  ['messageEntityBotCommand', /(?<![\w/])\/[a-z]\w{0,63}(?:@\w{4,32})?\b/g],
]

type Span = { offset: number; length: number }

const spanOf = (entity: TlObject): Span => {
  const args = new Args(entity)
  return { offset: args.int('offset'), length: args.int('length') }
}

const overlaps = (a: Span, b: Span): boolean =>
  a.offset < b.offset + b.length && b.offset < a.offset + a.length

/** What the server marks in a text by itself, where the sender marked nothing of the like. */
function found(text: string, given: readonly TlObject[]): TlObject[] {
  const taken = given
    .filter(({ _ }) => !/Bold|Italic|Underline|Strike|Spoiler|Blockquote/.test(_))
    .map(spanOf)
  const entities: TlObject[] = []
  for (const [_, pattern] of FOUND) {
    for (const match of text.matchAll(pattern)) {
      const span = { offset: match.index, length: match[0].length }
      if (taken.some((other) => overlaps(span, other))) continue
      taken.push(span)
      entities.push({ _, ...span })
    }
  }
  return entities
}

/** Entities as others get them, checked against the text and moved by what was trimmed at its start. */
function given(view: View, text: string, entities: readonly TlObject[], trimmed: string): TlObject[] {
  const cut = text.length - text.trimStart().length
  return entities.flatMap((entity) => {
    const { offset, length } = spanOf(entity)
    if (offset < 0 || length <= 0 || offset + length > text.length) {
      throw new RpcFault(400, 'ENTITY_BOUNDS_INVALID')
    }
    const start = Math.max(offset - cut, 0)
    const end = Math.min(offset + length - cut, trimmed.length)
    if (end <= start) return []
    const span = { offset: start, length: end - start }
    if (entity._ !== 'inputMessageEntityMentionName') return [{ ...entity, ...span }]
    const user_id = userOf(view, new Args(entity).obj('user_id')).id
    return [{ _: 'messageEntityMentionName', ...span, user_id }]
  })
}

/** The text of a message as the server keeps it: trimmed, with what it found in it. */
export function textOf(view: View, text: string, entities: readonly TlObject[]): Text {
  const trimmed = text.trim()
  const own = given(view, text, entities, trimmed)
  const all = view.realm.switches.autoEntities ? [...own, ...found(trimmed, own)] : own
  const sorted = all.toSorted((a, b) => {
    const [left, right] = [spanOf(a), spanOf(b)]
    return left.offset - right.offset || right.length - left.length
  })
  return { text: trimmed, entities: sorted }
}

/** @throws RpcFault MESSAGE_TOO_LONG; for the caption of a media MEDIA_CAPTION_TOO_LONG */
export function checkLength(view: View, text: string, isCaption: boolean): void {
  const caption = view.me.premium ? LIMITS.captionPremium : LIMITS.caption
  if (lengthOf(text) > (isCaption ? caption : LIMITS.text)) {
    throw new RpcFault(400, isCaption ? 'MEDIA_CAPTION_TOO_LONG' : 'MESSAGE_TOO_LONG')
  }
}
