import { decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Node } from '../contract.ts'
import { decodeNode } from './decode.ts'
import { encodeNode } from './encode.ts'
import { doubleToken, singleToken } from './tokens.ts'

const digits = fc.stringMatching(/^[1-9][0-9]{5,14}$/)
const jid = fc.oneof(
  fc
    .tuple(digits, fc.constantFrom('s.whatsapp.net', 'lid', 'g.us', 'newsletter'))
    .map((parts) => parts.join('@')),
  fc
    .tuple(
      digits,
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('s.whatsapp.net', 'lid', 'hosted', 'hosted.lid'),
    )
    .map(([user, device, server]) => `${user}:${device}@${server}`),
  fc.constantFrom('@s.whatsapp.net', 'status@broadcast', 's.whatsapp.net'),
)
const word = fc.oneof(
  fc.integer({ min: 1, max: 235 }).map((index) => singleToken(index) ?? 'id'),
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.nat(255))
    .map(([book, index]) => doubleToken(book, index) ?? 'id'),
)
const text = fc.oneof(
  word,
  jid,
  fc.stringMatching(/^[0-9.-]{1,140}$/),
  fc.stringMatching(/^[0-9A-F]{1,140}$/),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  // What looks like an address and must come back as it was.
  fc.constantFrom(
    '1:0@lid',
    '1:07@lid',
    '1:256@lid',
    '1:2@g.us',
    'a_1:2@lid',
    '1:2:3@lid',
    '@',
    'a@',
    'x@y@z',
    '',
  ),
)
const name = fc.oneof(word, fc.stringMatching(/^[a-z][a-z_:-]{0,20}$/))
const node: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => ({
  node: fc
    .record({
      tag: name,
      attrs: fc.dictionary(name, text, { maxKeys: 6, noNullPrototype: true }),
      content: fc.option(
        fc.oneof(
          { depthSize: 'small' },
          fc.uint8Array({ maxLength: 400 }),
          fc.stringMatching(/^[0-9.-]{1,20}$/),
          word,
          fc.array(tie('node'), { maxLength: 4 }),
        ),
        { nil: undefined },
      ),
    })
    .map(({ tag, attrs, content }) => (content === undefined ? { tag, attrs } : { tag, attrs, content })),
})).node

/** Bytes compared as bytes, whatever holds them. */
function plain({ tag, attrs, content }: Node): unknown {
  if (Array.isArray(content)) return { tag, attrs, content: content.map(plain) }
  return { tag, attrs, content: content instanceof Uint8Array ? [...content] : content }
}

describe('binary XML', () => {
  it('gives back what it was given, deflated or not', () => {
    fc.assert(
      fc.property(node, fc.constantFrom(0, 40, Infinity), (one, deflateFrom) => {
        expect(plain(decodeNode(encodeNode(one, deflateFrom)))).toEqual(plain(one))
      }),
      { numRuns: 500 },
    )
  })

  it('is read by Baileys as it was meant', async () => {
    await fc.assert(
      fc.asyncProperty(node, fc.constantFrom(0, 40, Infinity), async (one, deflateFrom) => {
        const read = (await decodeBinaryNode(encodeNode(one, deflateFrom))) as Node
        expect(plain(read)).toEqual(plain(one))
      }),
      { numRuns: 500 },
    )
  })

  it('reads what Baileys writes', () => {
    // It spells neither what is no proper address nor `toString` and its like, which it takes for words.
    const theirText = fc.oneof(
      jid,
      text.filter((one) => !one.includes('@') && !(one in {})),
    )
    const theirs = fc.record({ tag: name, attrs: fc.dictionary(name, theirText, { noNullPrototype: true }) })
    fc.assert(
      fc.property(theirs, (one) => {
        expect(plain(decodeNode(encodeBinaryNode(one)))).toEqual(plain(one))
      }),
      { numRuns: 500 },
    )
  })

  it('knows each word of the dictionary by its bytes', () => {
    const words = [...Array(236).keys()].flatMap((index) => singleToken(index) ?? [])
    for (const tag of words.filter((one) => one !== ''))
      expect(encodeNode({ tag, attrs: {} })).toHaveLength(4)
    expect(encodeNode({ tag: 'iq', attrs: { type: 'get' } })).toEqual(
      encodeBinaryNode({ tag: 'iq', attrs: { type: 'get' } }),
    )
  })

  it.each([0x100, 1 << 16, 1 << 20, (1 << 20) + 7])('carries %i bytes', (length) => {
    const one = { tag: 'enc', attrs: {}, content: Buffer.alloc(length, 7) }
    expect(decodeNode(encodeNode(one))).toEqual(one)
  })

  it('carries a list of more than 255', () => {
    const list: Node = {
      tag: 'list',
      attrs: {},
      content: Array.from({ length: 812 }, () => ({ tag: 'key', attrs: {} })),
    }
    expect(decodeNode(encodeNode(list))).toEqual(list)
  })

  it.each([
    ['nothing', ''],
    ['an empty list', '00f800'],
    ['a list without a tag', '00f80100'],
    ['a stanza that ends early', '00f8031f'],
    ['a word that is not in the dictionary', '00f801f0'],
    ['a digit that is none', '00f803 19 02 ff01cd'],
    ['bytes after the stanza', '00f8011900'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeNode(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(/binary XML/)
  })
})
