import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { errorName, outcomeOf, verdictOf } from '../../../../src/networks/telegram/errors.ts'
import type { Verdict } from '../../../../src/networks/telegram/errors.ts'

const verdict = (text: string, code = 400, seconds?: number): Verdict =>
  verdictOf({ code, text, ...(seconds !== undefined && { seconds }) })

describe('verdictOf', () => {
  it.each<[string, number, Partial<Verdict>]>([
    ['MESSAGE_NOT_MODIFIED', 400, { kind: 'done' }],
    ['USER_ALREADY_PARTICIPANT', 400, { kind: 'done' }],
    ['RANDOM_ID_DUPLICATE', 500, { kind: 'again', after: 'duplicate' }],
    ['FILE_PART_3_MISSING', 400, { kind: 'again', after: 'upload' }],
    ['FILE_PART_%d_MISSING', 400, { kind: 'again', after: 'upload' }],
    ['FILE_REFERENCE_EXPIRED', 400, { kind: 'again', after: 'reference' }],
    ['PHOTO_INVALID_DIMENSIONS', 400, { kind: 'again', after: 'as-document' }],
    ['ENTITY_BOUNDS_INVALID', 400, { kind: 'again', after: 'without-entities' }],
    ['QUOTE_TEXT_INVALID', 400, { kind: 'again', after: 'without-quote' }],
    ['PEER_ID_INVALID', 400, { kind: 'again', after: 'peer' }],
    ['PEER_FLOOD', 400, { kind: 'rejected', code: 'not_permitted' }],
    ['CHAT_WRITE_FORBIDDEN', 403, { kind: 'rejected', code: 'not_permitted' }],
    ['CHAT_SEND_STICKERS_FORBIDDEN', 403, { kind: 'rejected', why: 'The chat does not allow stickers.' }],
    ['USER_IS_BLOCKED', 400, { kind: 'rejected', code: 'not_permitted' }],
    ['CHANNEL_PRIVATE', 400, { kind: 'rejected', code: 'not_a_member' }],
    ['MESSAGE_EDIT_TIME_EXPIRED', 400, { kind: 'rejected', code: 'too_old' }],
    ['REVOTE_NOT_ALLOWED', 400, { kind: 'rejected', code: 'network_refused' }],
    ['AUTH_KEY_UNREGISTERED', 401, { kind: 'login', state: 'logged_out' }],
    ['SESSION_REVOKED', 401, { kind: 'login', state: 'logged_out' }],
    ['USER_DEACTIVATED_BAN', 401, { kind: 'login', state: 'blocked' }],
    ['USER_DEACTIVATED', 401, { kind: 'login', state: 'bad_credentials' }],
    ['SOMETHING_NEW', 401, { kind: 'login', state: 'logged_out' }],
    ['SOMETHING_NEW', 400, { kind: 'rejected', why: 'Telegram refused it: SOMETHING_NEW.' }],
    ['SOMETHING_NEW', 500, { kind: 'unknown' }],
    ['SOMETHING_NEW', -503, { kind: 'unknown' }],
    ['constructor', 400, { kind: 'rejected', why: 'Telegram refused it: constructor.' }],
  ])('%s (%i)', (text, code, expected) => {
    expect(verdict(text, code)).toMatchObject(expected)
  })

  it('waits as long as it is told, for the account or for the chat', () => {
    expect(verdict('FLOOD_WAIT_%d', 420, 30)).toMatchObject({
      kind: 'wait',
      afterMs: 30_000,
      scope: 'account',
    })
    expect(verdict('FLOOD_PREMIUM_WAIT_%d', 420, 5)).toMatchObject({
      kind: 'wait',
      afterMs: 5_000,
      scope: 'account',
    })
    expect(verdict('SLOWMODE_WAIT_%d', 420, 10)).toMatchObject({
      kind: 'wait',
      afterMs: 10_000,
      scope: 'chat',
    })
    expect(verdict('SOMETHING_NEW_%d', 420)).toMatchObject({ kind: 'wait', scope: 'account' })
    expect(verdict('FLOOD_WAIT_%d', 420, 0)).toMatchObject({ afterMs: 1_000 })
  })

  it('leaves numbers out of a name', () => {
    expect(['FLOOD_WAIT_5', 'FILE_PART_%d_MISSING', 'FILE_PART_12_MISSING', 'A_B'].map(errorName)).toEqual([
      'FLOOD_WAIT',
      'FILE_PART_MISSING',
      'FILE_PART_MISSING',
      'A_B',
    ])
  })

  it('has an answer in words for each error that sending can meet', () => {
    const raw = JSON.parse(
      readFileSync(createRequire(import.meta.url).resolve('@mtcute/core/tl/raw-errors.json'), 'utf8'),
    ) as { errors: Record<string, { code: number }>; throws: Record<string, string[]> }
    const met = SENDING.flatMap((method) => raw.throws[method] ?? [])
    const wordless = met.filter((name) => {
      const found = verdict(name, raw.errors[name]?.code ?? 400)
      return found.kind === 'rejected' && found.why.startsWith('Telegram refused it:')
    })
    expect(met.length).toBeGreaterThan(100)
    expect([...new Set(wordless)].filter((name) => !CANNOT_HAPPEN.test(name)).sort()).toEqual([])
  })
})

describe('outcomeOf', () => {
  it.each<[Verdict, object]>([
    [{ kind: 'done' }, { kind: 'delivered', remoteIds: [] }],
    [{ kind: 'again', after: 'upload' }, { kind: 'retry' }],
    [
      { kind: 'rejected', code: 'not_permitted', why: 'no' },
      { kind: 'rejected', code: 'not_permitted', why: 'no' },
    ],
    [
      { kind: 'wait', afterMs: 5000, scope: 'account', why: 'w' },
      { kind: 'retry', afterMs: 5000 },
    ],
    [
      { kind: 'login', state: 'logged_out', why: 'l' },
      { kind: 'retry', waitsFor: 'login' },
    ],
    [{ kind: 'unknown', why: 'u' }, { kind: 'retry' }],
  ])('%o', (given, outcome) => {
    expect(outcomeOf(given)).toMatchObject(outcome)
  })

  it('repeats nothing that must not happen twice', () => {
    expect(outcomeOf({ kind: 'unknown', why: 'u' }, { repeatable: false })).toEqual({
      kind: 'unknown',
      why: 'u',
    })
  })
})

const SENDING = [
  'messages.sendMessage',
  'messages.sendMedia',
  'messages.editMessage',
  'messages.deleteMessages',
  'channels.deleteMessages',
  'messages.sendReaction',
  'messages.sendVote',
  'messages.updatePinnedMessage',
  'upload.saveFilePart',
]

/** What only bots' keyboards, games, payments, web pages, schedules and broken programs meet. */
const CANNOT_HAPPEN =
  /^(?:BUTTON_|REPLY_MARKUP_|BOT_|GAME_|PAYMENT_|SCHEDULE_|WEBPAGE_|WEBDOCUMENT_|EXTERNAL_URL|WC_CONVERT|CURRENCY_|QUIZ_|EMOTICON_|ENCRYPTION_|FROM_MESSAGE|INLINE_BOT|PINNED_DIALOGS|POLL_OPTION_INVALID|SEND_AS_|TTL_MEDIA|RANDOM_ID_EMPTY|DOCUMENT_INVALID|SUBSCRIPTION_|STARS_|TODO_|EFFECT_|STORY_|INPUT_|CHAT_TYPE_|REQUEST_|BUSINESS_|QUICK_|PREMIUM_|MONOFORUM|SUGGESTED_|PEER_TYPES|CONNECTION_|MSG_|TIMEOUT|TAKEOUT|STICKER)/
