import { deserializeObject, serializeObject } from '@mtcute/core/utils.js'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../support/random.ts'
import type { TlObject, TlValue } from '../contract.ts'
import { MTPROTO, NEWEST, olderLayer } from './layers.ts'
import { RandomValues } from './random-values.ts'
import type { Schema } from './schema.ts'
import { decodeObject, decodeValue } from './tl-decode.ts'
import { encodeObject, encodeValue } from './tl-encode.ts'

const ROUNDS = 3

function seeded(seed: number): () => number {
  const random = new Random(seed)
  return () => random.next()
}

/** Without what is the same on the wire: absent fields, and Buffer instead of Uint8Array. */
function plain(value: TlValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, plain(inner)]),
  )
}

describe.each([
  ['the newest layer', () => NEWEST, 2000],
  ['the layer of GramJS', () => olderLayer(), 1500],
  ['MTProto', () => MTPROTO, 35],
])('%s', (_, schemaOf, least) => {
  test('everything comes back as it was written', () => {
    const schema: Schema = schemaOf()
    const values = new RandomValues(schema, seeded(1))
    const entries = [...schema.classes.values(), ...schema.methods.values()]
    expect(entries.length).toBeGreaterThan(least)
    for (const entry of entries) {
      for (let round = 0; round < ROUNDS; round++) {
        const object = values.object(entry)
        const bytes = encodeObject(schema, object)
        expect(bytes.length % 4).toBe(0)
        expect(plain(decodeValue(schema, { kind: 'any', type: 'X', vector: 'no' }, bytes))).toEqual(
          plain(object),
        )
      }
    }
  })

  test('every result of a method comes back as it was written', () => {
    const schema: Schema = schemaOf()
    const values = new RandomValues(schema, seeded(2))
    for (const { result } of schema.methods.values()) {
      if (result.kind === 'any') continue
      const value = values.value(result)
      expect(plain(decodeValue(schema, result, encodeValue(schema, result, value)))).toEqual(plain(value))
    }
  })
})

/** Undefined for what mtcute only writes, such as inputs. */
function throughMtcute(bytes: Buffer): string | undefined {
  try {
    return Buffer.from(serializeObject(deserializeObject(bytes))).toString('hex')
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Unknown object id')) return undefined
    throw error
  }
}

test('mtcute reads what is written here and writes the same bytes', () => {
  const values = new RandomValues(NEWEST, seeded(3))
  const compared = new Set<string>()
  for (const entry of NEWEST.classes.values()) {
    const bytes = encodeObject(NEWEST, values.object(entry))
    const theirs = throughMtcute(bytes)
    if (theirs === undefined) continue
    expect(theirs).toBe(bytes.toString('hex'))
    compared.add(entry.name)
  }
  expect(compared.size).toBeGreaterThan(1000)
  expect([...compared]).toEqual(
    expect.arrayContaining(['message', 'user', 'channel', 'poll', 'updates', 'config']),
  )
})

const READ_OUTBOX: TlObject = {
  _: 'updateReadHistoryOutbox',
  peer: { _: 'peerUser', user_id: 1000n },
  max_id: 7,
  pts: 12,
  pts_count: 1,
}

test('an update has the bytes that mtcute gives it', () => {
  const bytes = 'bf212f2f22175159e803000000000000070000000c00000001000000'
  expect(encodeObject(NEWEST, READ_OUTBOX).toString('hex')).toBe(bytes)
  const peer = { _: 'peerUser', userId: 1000 } as const
  const same = serializeObject({ _: 'updateReadHistoryOutbox', peer, maxId: 7, pts: 12, ptsCount: 1 })
  expect(Buffer.from(same).toString('hex')).toBe(bytes)
})

describe('the encoder refuses', () => {
  const solution = { _: 'pollResults', solution: 'because' }
  test.each<[string, TlObject, RegExp]>([
    ['an unknown field', { ...READ_OUTBOX, ptsCount: 1 }, /updateReadHistoryOutbox has no ptsCount/],
    ['a missing field', { ...READ_OUTBOX, pts: undefined }, /\.pts wants int, not undefined/],
    ['an unknown constructor', { _: 'updateNothing' }, /no updateNothing/],
    [
      'an object of another type',
      { ...READ_OUTBOX, peer: { _: 'inputPeerSelf' } },
      /wants Peer, not inputPeerSelf/,
    ],
    ['a number where a long should be', { _: 'peerUser', user_id: 1 }, /user_id wants int53, not number/],
    ['an int that is too large', { ...READ_OUTBOX, pts: 2 ** 31 }, /\.pts wants int/],
    ['half of a group that shares a flag', solution, /share a flag/],
    ['flags that were set by hand', { _: 'pollResults', flags: 1 }, /has no flags/],
  ])('%s', (_, object, error) => {
    expect(() => encodeObject(NEWEST, object)).toThrow(error)
  })
})

test('a flag that is false is left out', () => {
  const user = { _: 'userEmpty', id: 1n }
  expect(
    encodeObject(NEWEST, {
      _: 'messages.setTyping',
      peer: { _: 'inputPeerSelf' },
      action: { _: 'sendMessageTypingAction' },
    }),
  ).toHaveLength(16)
  expect(decodeObject(NEWEST, encodeObject(NEWEST, user))).toEqual(user)
  const text = { _: 'pollResults', min: false }
  expect(encodeObject(NEWEST, text).toString('hex')).toBe(
    encodeObject(NEWEST, { _: 'pollResults' }).toString('hex'),
  )
})

describe('the decoder refuses', () => {
  const bytes = encodeObject(NEWEST, READ_OUTBOX)
  test('every beginning of an object', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeObject(NEWEST, bytes.subarray(0, length))).toThrow(/ends|has no/)
  })

  test('a vector that says it is longer than the bytes', () => {
    const vector = Buffer.from('15c4b51cffffff7f', 'hex')
    expect(() => decodeValue(NEWEST, { kind: 'int', type: 'int', vector: 'boxed' }, vector)).toThrow(
      /a vector of/,
    )
  })

  test('bytes behind a value', () => {
    const longer = Buffer.concat([bytes, Buffer.alloc(4)])
    expect(() => decodeValue(NEWEST, { kind: 'any', type: 'X', vector: 'no' }, longer)).toThrow(
      /4 bytes too many/,
    )
  })
})
