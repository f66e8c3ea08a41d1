import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import * as fc from 'fast-check'

const KINDS = [
  'messageEntityBold',
  'messageEntityItalic',
  'messageEntityUnderline',
  'messageEntityStrike',
  'messageEntityCode',
  'messageEntitySpoiler',
  'messageEntityBlockquote',
  'messageEntityUrl',
  'messageEntityEmail',
  'messageEntityMention',
  'messageEntityHashtag',
  'messageEntityPhone',
] as const

const pieces = fc.constantFrom(
  'a',
  ' ',
  '  ',
  '\n',
  '\n\n',
  '<b>',
  '</strong>',
  '&amp;',
  '"',
  '😀',
  '👨‍👩‍👧',
  'é',
  'e\u0301',
  '\ud800',
  '@bob',
  '.',
  'word ',
)

/** Text with everything in it that has ever been cut in the wrong place. */
export const anyText: fc.Arbitrary<string> = fc.array(pieces, { maxLength: 60 }).map((all) => all.join(''))

const at = fc.record({ offset: fc.integer({ min: -5, max: 90 }), length: fc.integer({ min: -5, max: 90 }) })

const anyEntity: fc.Arbitrary<tl.TypeMessageEntity> = fc.oneof(
  fc.tuple(fc.constantFrom(...KINDS), at).map(([_, place]) => ({ _, ...place })),
  fc
    .tuple(
      fc.constantFrom('https://x.org', 'javascript:alert(1)', '"><b>', 'tg://user?id=2000', 'tg://user?id=0'),
      at,
    )
    .map(([url, place]) => ({ _: 'messageEntityTextUrl' as const, url, ...place })),
  fc
    .tuple(fc.constantFrom('', 'ts', '"><b>'), at)
    .map(([language, place]) => ({ _: 'messageEntityPre' as const, language, ...place })),
  fc
    .tuple(fc.constantFrom(2000, 5, 0, -1), at)
    .map(([userId, place]) => ({ _: 'messageEntityMentionName' as const, userId, ...place })),
  at.map((place) => ({ _: 'messageEntityCustomEmoji' as const, documentId: Long.fromNumber(1), ...place })),
)

export const anyEntities: fc.Arbitrary<tl.TypeMessageEntity[]> = fc.array(anyEntity, { maxLength: 12 })
