import { describe, expect, test } from 'vitest'
import {
  ackVerdict,
  endingOf,
  outcomeOf,
  participantVerdict,
  requestVerdict,
} from '../../../../src/networks/whatsapp/errors.ts'
import { presenceHints, readKeys, readsOf } from '../../../../src/networks/whatsapp/receipts.ts'
import { messageIds } from '../../../../src/networks/whatsapp/message-key.ts'
import { toMessageId } from '../../../../src/networks/whatsapp/ids.ts'
import { bob, bobLid, cem, dm, group, groupVoice, me, myLid, view } from './setup.ts'

describe('answers of the server', () => {
  test.each([
    ['403', { kind: 'rejected', code: 'not_permitted' }],
    ['404', { kind: 'rejected', code: 'network_refused' }],
    ['413', { kind: 'rejected', code: 'too_large' }],
    ['429', { kind: 'retry', afterMs: 60_000 }],
    ['463', { kind: 'rejected', code: 'not_permitted' }],
    ['475', { kind: 'retry' }],
    ['479', { kind: 'retry' }],
    ['500', { kind: 'retry' }],
    ['599', { kind: 'retry' }],
    ['777', { kind: 'rejected' }],
    ['constructor', { kind: 'rejected' }],
  ])('an acknowledgement with error %s', (error, outcome) => {
    expect(outcomeOf(ackVerdict(error))).toMatchObject(outcome)
  })

  test('trouble without an id is unknown', () => {
    expect(outcomeOf(ackVerdict(500), { repeatable: false })).toMatchObject({ kind: 'unknown' })
  })

  test('requests and people', () => {
    expect(requestVerdict(401)).toMatchObject({ code: 'not_permitted' })
    expect(requestVerdict(409)).toEqual({ kind: 'done' })
    expect(requestVerdict(500)).toMatchObject({ kind: 'wait' })
    expect(participantVerdict('200', 'add')).toEqual({ kind: 'done' })
    expect(participantVerdict('403', 'add')).toMatchObject({
      why: expect.stringContaining('privacy') as unknown,
    })
    expect(participantVerdict('404', 'remove')).toMatchObject({ code: 'not_a_member' })
    expect(participantVerdict('500', 'add')).toMatchObject({ kind: 'wait' })
  })
})

describe('ends of connections', () => {
  test.each([
    [401, 'logged_out', 'never'],
    [402, 'blocked', 'never'],
    [403, 'blocked', 'never'],
    [405, 'blocked', 'never'],
    [408, 'backoff', 'later'],
    [411, 'logged_out', 'never'],
    [428, 'backoff', 'later'],
    [440, 'blocked', 'never'],
    [500, 'backoff', 'later'],
    [503, 'backoff', 'later'],
    [515, 'connecting', 'now'],
    [undefined, 'backoff', 'later'],
    [999, 'backoff', 'later'],
  ])('%s is %s', (status, state, reconnect) => {
    expect(endingOf(status)).toMatchObject({ state, reconnect })
  })

  test('words: the silent phone, the ban and its length', () => {
    expect(endingOf(401).text).toContain('14 days')
    expect(endingOf(402, { code: '104', expire: '7200' }).text).toBe(
      'WhatsApp has banned this account for 2 hours: the same message too often.',
    )
    expect(endingOf(402, { code: 'constructor', expire: 'x' }).text).toBe(
      'WhatsApp has banned this account for a while.',
    )
  })
})

describe('receipts', () => {
  test('in a direct chat by status, which Baileys also puts into the message', () => {
    const key = { remoteJid: bob, fromMe: true, id: 'X' }
    expect(readsOf(view, key, { status: 4 })).toMatchObject([
      { kind: 'read', chat: { id: bobLid }, user: { id: bobLid }, upTo: 'me/X' },
    ])
    expect(readsOf(view, key, { status: 3 })).toEqual([])
    expect(readsOf(view, { ...key, fromMe: false }, { status: 4 })).toMatchObject([
      { user: { id: myLid, self: 1 }, upTo: 'them/X' },
    ])
  })

  test('in a group by reader', () => {
    const userReceipt = [
      { userJid: bob, readTimestamp: 5 },
      { userJid: cem, receiptTimestamp: 5 },
    ]
    expect(readsOf(view, { remoteJid: group, fromMe: true, id: 'X' }, { userReceipt })).toMatchObject([
      { user: { id: bobLid }, upTo: `${myLid}/X` },
    ])
  })

  test('keys to mark as read, own messages aside', () => {
    expect(readKeys(dm, [toMessageId({ by: 'them', id: 'X' }), toMessageId({ by: 'me', id: 'Y' })])).toEqual([
      { remoteJid: bobLid, id: 'X', fromMe: false },
    ])
    expect(readKeys(groupVoice, [messageIds(view, bob, 'X')[0], messageIds(view, me, 'Y')[0]])).toEqual([
      { remoteJid: group, id: 'X', fromMe: false, participant: bobLid },
    ])
  })

  test('typing and presence', () => {
    const at = (lastKnownPresence: string, lastSeen?: number) =>
      presenceHints(view, bob, { [bob]: { lastKnownPresence, ...(lastSeen && { lastSeen }) } })
    expect(at('composing')).toMatchObject([
      { kind: 'typing', typing: true, chat: { id: bobLid }, user: { id: bobLid } },
    ])
    expect(at('paused')).toMatchObject([{ typing: false }])
    // Who stops typing is said to be there.
    expect(at('available')).toMatchObject([
      { kind: 'typing', typing: false },
      { kind: 'presence', online: true },
    ])
    expect(presenceHints(view, group, { [bob]: { lastKnownPresence: 'available' } })).toMatchObject([
      { kind: 'typing', typing: false, chat: { id: group } },
    ])
    expect(at('unavailable', 100)).toMatchObject([{ online: false, lastActive: new Date(100_000) }])
    expect(presenceHints(view, group, { [me]: { lastKnownPresence: 'composing' } })).toEqual([])
  })
})
