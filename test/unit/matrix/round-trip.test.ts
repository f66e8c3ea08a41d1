import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromEvent } from '../../../src/matrix/from-event.ts'
import { toEvent } from '../../../src/matrix/to-event.ts'
import type { EventOptions } from '../../../src/matrix/to-event.ts'
import type { MessageContent } from '../../../src/model/content.ts'
import { MXC, photo, poll, target } from './contents.ts'
import { event } from './samples.ts'

test('what was written is read back the same', () => {
  const body = fc.stringMatching(/^[a-z][a-z \n<>&"*]{0,30}[a-z]$/)
  const html = body.map((words) => `<b>${words.replace(/[<>&"]/g, '')}</b>`)
  const rich = fc.oneof(fc.record({ body }), fc.record({ body, html }))
  const contents: fc.Arbitrary<MessageContent> = fc.oneof(
    fc
      .tuple(rich, fc.constantFrom('text', 'notice', 'emote'))
      .map(([words, style]): MessageContent => ({ kind: 'text', style, ...words })),
    fc
      .tuple(
        fc.constantFrom('image', 'video', 'audio', 'voice', 'file'),
        fc.option(rich),
        fc.nat(5_000),
        fc.boolean(),
      )
      .map(([media, caption, durationMs, spoiler]): MessageContent => ({
        ...photo({ media, durationMs, source: { at: 'matrix', mxc: MXC } }),
        ...(caption === null ? {} : { caption }),
        ...(spoiler ? { spoiler } : {}),
      })),
    fc
      .tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -180, max: 180 }))
      .map(([latitude, longitude]): MessageContent => ({ kind: 'location', latitude, longitude, name: 'x' })),
    fc.constantFrom<MessageContent>(poll, { ...poll, hidden: true, maxSelections: 2 }),
  )
  fc.assert(
    fc.property(
      contents,
      fc.constantFrom<EventOptions>({}, { replyTo: target }, { edit: target }),
      (content, options) => {
        const made = toEvent(content, options)
        const act = fromEvent(event(made.type, made.content))
        expect(act).toMatchObject(options.edit === undefined ? { kind: 'message' } : { kind: 'edit', target })
        expect(act).toHaveProperty('content', content)
      },
    ),
    { numRuns: 1_000 },
  )
})
