import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ViaductError } from '../../../../src/model/errors.ts'
import { remoteChatId, remoteMessageId, remoteUserId } from '../../../../src/model/ids.ts'
import {
  aliasLocalpart,
  derivedId,
  ghostLocalpart,
  messageIdIn,
  numberFor,
  numbersFor,
  parseAliasLocalpart,
  parseChatId,
  parseGhostLocalpart,
  parseMessageId,
  parseUserId,
  personId,
  toChatId,
  toMessageId,
  toUserId,
} from '../../../../src/networks/telegram/ids.ts'
import type { TgChat } from '../../../../src/networks/telegram/ids.ts'

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })

describe('ids of Telegram', () => {
  it.each<[TgChat, string]>([
    [{ kind: 'user', id: 5 }, 'user:5'],
    [{ kind: 'chat', id: 5 }, 'chat:5'],
    [{ kind: 'channel', id: 5 }, 'channel:5'],
    [{ kind: 'channel', id: 5, topic: 1 }, 'channel:5/1'],
  ])('%o is %s', (chat, text) => {
    expect(toChatId(chat)).toBe(text)
    expect(parseChatId(remoteChatId(text))).toEqual(chat)
  })

  it.each([
    '',
    'user:',
    'user:0',
    'user:05',
    'user:-1',
    'user:5/1',
    'chat:5/1',
    'channel:5/',
    'channel:5/0',
    'x:5',
    'user:99999999999999999',
    ' user:5',
  ])('%j is no conversation', (text) => {
    expect(parseChatId(remoteChatId(text))).toBeUndefined()
  })

  it('calls a direct chat as its contact', () => {
    expect(toChatId({ kind: 'user', id: 5 })).toBe(personId(5))
  })

  it('makes no id of a number that is none', () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => toUserId({ kind: 'user', id: wrong })).toThrow(ViaductError)
      expect(() => toMessageId({ n: wrong })).toThrow(ViaductError)
    }
  })

  it('tells a message of one account from that of another, and from one of a channel', () => {
    const ids = [{ n: 7 }, { account: 1, n: 7 }, { account: 2, n: 7 }, { account: 17, n: 7 }].map(toMessageId)
    expect(ids).toEqual(['7', '1.7', '2.7', '17.7'])
    expect(new Set(ids).size).toBe(4)
    expect(messageIdIn({ kind: 'channel' }, 9, 7)).toBe('7')
    expect(messageIdIn({ kind: 'chat' }, 9, 7)).toBe('9.7')
    expect(messageIdIn({ kind: 'user' }, 9, 7)).toBe('9.7')
  })

  it('finds the number by which an account knows a message', () => {
    const ids = [remoteMessageId('1.7'), remoteMessageId('2.9'), remoteMessageId('2.10')]
    expect(numberFor(ids, { kind: 'chat' }, 2)).toBe(9)
    expect(numbersFor(ids, { kind: 'chat' }, 2)).toEqual([9, 10])
    expect(numberFor(ids, { kind: 'chat' }, 3)).toBeUndefined()
    expect(numberFor(ids, { kind: 'channel' }, 2)).toBeUndefined()
    expect(numberFor([remoteMessageId('7')], { kind: 'channel' }, 2)).toBe(7)
    expect(numberFor([remoteMessageId('7')], { kind: 'user' }, 2)).toBeUndefined()
  })

  it('reads the message behind what happened to it', () => {
    expect(parseMessageId(derivedId(remoteMessageId('2.9'), 'e1.x'))).toEqual({ account: 2, n: 9 })
    for (const wrong of ['', 'x', '1.', '.1', '1.2.3', '0', '01', 'pin.5']) {
      expect(parseMessageId(remoteMessageId(wrong)), wrong).toBeUndefined()
    }
  })

  it('names ghosts and comes back', () => {
    expect(ghostLocalpart(personId(5))).toBe('5')
    expect(ghostLocalpart(toUserId({ kind: 'channel', id: 5 }))).toBe('c5')
    expect(() => ghostLocalpart(remoteUserId('chat:5'))).toThrow(ViaductError)
    for (const wrong of ['', 'c', '05', 'd5', '5x', '-5'])
      expect(parseGhostLocalpart(wrong), wrong).toBeUndefined()
  })

  it('loses nothing on the way there and back', () => {
    const kind = fc.constantFrom('user' as const, 'chat' as const, 'channel' as const)
    fc.assert(
      fc.property(kind, id, fc.option(id, { nil: undefined }), (of, number, second) => {
        const topic = of === 'channel' && second !== undefined ? { topic: second } : {}
        const chat: TgChat = { kind: of, id: number, ...topic }
        expect(parseChatId(toChatId(chat))).toEqual(chat)
        expect(parseChatId(parseAliasLocalpart(aliasLocalpart(toChatId(chat))) ?? remoteChatId(''))).toEqual(
          chat,
        )
        const message = { n: number, ...(second !== undefined && { account: second }) }
        expect(parseMessageId(toMessageId(message))).toEqual(message)
        if (of === 'chat') return
        const person = toUserId({ kind: of, id: number })
        expect(parseUserId(person)).toEqual({ kind: of, id: number })
        expect(parseGhostLocalpart(ghostLocalpart(person))).toBe(person)
      }),
    )
  })

  it('takes any text for an id without harm', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseChatId(remoteChatId(text))
        parseUserId(remoteUserId(text))
        parseMessageId(remoteMessageId(text))
        const ghost = parseGhostLocalpart(text)
        if (ghost !== undefined) expect(ghostLocalpart(ghost)).toBe(text)
      }),
    )
  })
})
