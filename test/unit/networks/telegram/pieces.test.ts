import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { inPieces } from '../../../../src/networks/telegram/pieces.ts'

async function cut(chunks: string[], size: number): Promise<[string, boolean][]> {
  const found: [string, boolean][] = []
  for await (const { bytes, last } of inPieces(
    Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    size,
  )) {
    found.push([bytes.toString(), last])
  }
  return found
}

test.each<[string[], [string, boolean][]]>([
  [[], []],
  [['ab'], [['ab', true]]],
  [['abc'], [['abc', true]]],
  [
    ['a', 'b', 'c', 'd'],
    [
      ['abc', false],
      ['d', true],
    ],
  ],
  [
    ['abcdefg'],
    [
      ['abc', false],
      ['def', false],
      ['g', true],
    ],
  ],
  [
    ['abcde', 'f'],
    [
      ['abc', false],
      ['def', true],
    ],
  ],
])('%j in pieces of three', async (chunks, pieces) => {
  expect(await cut(chunks, 3)).toEqual(pieces)
})
