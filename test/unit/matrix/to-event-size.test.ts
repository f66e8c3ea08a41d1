import { describe, expect, test } from 'vitest'
import { LARGEST_CONTENT_BYTES, toEvent } from '../../../src/matrix/to-event.ts'
import type { MessageContent } from '../../../src/model/content.ts'
import { matrixUserId } from '../../../src/model/ids.ts'
import { contentOf, MXC, photo, poll, target, written } from './contents.ts'

const sizeOf = (content: object) => Buffer.byteLength(JSON.stringify(content))

describe('size', () => {
  const long = (unit: string) => unit.repeat(100_000)

  test('markup goes first', () => {
    const content = contentOf(written('x'.repeat(20_000), { html: `<b>${'x'.repeat(50_000)}</b>` }))
    expect(content).toEqual({ msgtype: 'm.text', body: 'x'.repeat(20_000), 'm.mentions': {} })
  })

  test.each<[string, MessageContent]>([
    ['text', written(long('x'))],
    ['wide text', written(long('漢'))],
    ['text of emoji', written(long('😀'))],
    ['text of quotes', written(long('"'))],
    ['text of control characters', written(long('\u0001'))],
    ['html', written(long('x'), { html: `<b>${long('x')}</b>` })],
    ['caption', photo({ caption: { body: long('x'), html: `<b>${long('x')}</b>` } })],
    [
      'contacts',
      {
        kind: 'contact',
        contacts: Array.from({ length: 5_000 }, () => ({ name: 'x'.repeat(50), phones: ['1'] })),
      },
    ],
    ['unsupported', { kind: 'unsupported', what: 'x', text: long('x') }],
  ])('%s is cut, and says so', (_name, content) => {
    for (const options of [
      {},
      { edit: target },
      { replyTo: target, externalUrl: `https://x.y/${long('x')}` },
    ]) {
      const made = toEvent(content, { ...options, uploaded: MXC }).content
      expect(sizeOf(made)).toBeLessThanOrEqual(LARGEST_CONTENT_BYTES)
      expect(sizeOf(made)).toBeGreaterThan(LARGEST_CONTENT_BYTES * 0.6)
      expect(made['body']).toMatch(/… \(the message was too long and is cut here\)$/)
    }
  })

  test.each<[string, MessageContent]>([
    [
      'a poll',
      {
        ...poll,
        question: long('漢'),
        options: Array.from({ length: 50 }, (_, i) => ({ id: `${i}${'x'.repeat(250)}`, text: long('漢') })),
      },
    ],
    ['a file name', photo({ fileName: long('漢') })],
    ['a place', { kind: 'location', latitude: 0, longitude: 0, name: long('x') }],
    [
      'mentions',
      written('hi', {
        mentions: Array.from({ length: 5_000 }, (_, i) => ({
          user: matrixUserId(`@${i}${'x'.repeat(200)}:b`),
        })),
      }),
    ],
  ])('%s is bounded', (_name, content) => {
    for (const options of [{}, { edit: target }]) {
      expect(sizeOf(contentOf(content, { ...options, uploaded: MXC }))).toBeLessThanOrEqual(
        LARGEST_CONTENT_BYTES,
      )
    }
  })
})
