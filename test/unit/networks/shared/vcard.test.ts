import { describe, expect, test } from 'vitest'
import { isCard, peopleOfCard } from '../../../../src/networks/shared/vcard.ts'

const card = (...lines: string[]) => ['BEGIN:VCARD', ...lines, 'END:VCARD'].join('\r\n')
const people = (text: string) => peopleOfCard(text).map(({ name, phones }) => ({ name, phones }))

describe('people of a card', () => {
  test.each<[string, string, { name: string; phones: string[] }[]]>([
    [
      'version 3',
      card('VERSION:3.0', 'N:Smith;Carol;;;', 'FN:Carol Smith', 'TEL;TYPE=CELL:+49 152 1'),
      [{ name: 'Carol Smith', phones: ['+49 152 1'] }],
    ],
    [
      'version 4, numbers as addresses, groups, twice the same',
      card('FN:C', 'item1.TEL;VALUE=uri;TYPE="voice,home":tel:+49-152;ext=1', 'TEL:+49-152'),
      [{ name: 'C', phones: ['+49-152'] }],
    ],
    [
      'version 2.1, quoted and broken',
      card(
        'VERSION:2.1',
        'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCl=',
        'ler;J=C3=B6rg',
        'TEL:12345',
      ),
      [{ name: 'Jörg Müller', phones: ['12345'] }],
    ],
    [
      'folded lines',
      card('FN:Carol', '  Smith', 'TEL:12', ' 345'),
      [{ name: 'Carol Smith', phones: ['12345'] }],
    ],
    ['escapes', card('FN:Smith\\, Carol', 'TEL:123'), [{ name: 'Smith, Carol', phones: ['123'] }]],
    ['no name', card('TEL:12345'), [{ name: '12345', phones: ['12345'] }]],
    ['no number', card('FN:C', 'TEL:', 'EMAIL:c@x'), [{ name: 'C', phones: [] }]],
    ['a company', card('ORG:ACME', 'TEL:12345'), [{ name: 'ACME', phones: ['12345'] }]],
    [
      'several people',
      `${card('FN:A', 'TEL:111')}\n${card('FN:B', 'TEL:222')}`,
      [
        { name: 'A', phones: ['111'] },
        { name: 'B', phones: ['222'] },
      ],
    ],
    ['no end', 'BEGIN:VCARD\nFN:A\nTEL:111', []],
    ['no card', 'hello', []],
  ])('%s', (_name, text, expected) => {
    expect(people(text)).toEqual(expected)
  })

  test('names of control characters and lone halves are clean', () => {
    expect(people(card('FN:a\u0000b\ud800', 'TEL:123'))).toEqual([{ name: 'a b\ufffd', phones: ['123'] }])
  })
})

test.each([
  [{ mimeType: 'text/vcard', fileName: 'a' }, true],
  [{ mimeType: 'text/x-vcard', fileName: 'a' }, true],
  [{ fileName: 'a.VCF' }, true],
  [{ mimeType: 'application/octet-stream', fileName: 'a.vcf' }, true],
  [{ mimeType: 'image/png', fileName: 'a.vcf' }, false],
  [{ mimeType: 'text/plain', fileName: 'a.txt' }, false],
])('%j is a card: %s', (file, expected) => {
  expect(isCard(file)).toBe(expected)
})
