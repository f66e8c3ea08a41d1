import { describe, expect, test } from 'vitest'
import { renderFallback } from '../../../src/bridge/fallback.ts'
import type { Capabilities } from '../../../src/model/capabilities.ts'
import type { RemoteAction } from '../../../src/model/remote-action.ts'
import {
  ago,
  EVERYTHING,
  mediaLink,
  NOTHING,
  options,
  photo,
  say,
  target,
  text,
  without,
  wordsOf,
} from './actions.ts'

describe('edits', () => {
  const edit = (previous: string | undefined, body: string, more: object = {}): RemoteAction => ({
    kind: 'edit',
    target: target(),
    content: text(body, more),
    ...(previous === undefined ? {} : { previous }),
  })
  test.each<[string, RemoteAction, string]>([
    ['a word', edit('see you at nune', 'see you at noon'), 'text: s/nune/noon/'],
    ['some words', edit('we meet at noon today', 'we eat at one today'), 'text: s/meet at noon/eat at one/'],
    ['the first word', edit('teh end', 'the end'), 'text: s/teh/the/'],
    ['an added word', edit('I do like it', 'I do not like it'), 'text: s/do/do not/'],
    ['an added first word', edit('agree', 'I agree'), 'text: * I agree'],
    ['an added last word', edit('come at noon', 'come at noon please'), 'text: s/noon/noon please/'],
    ['a removed word', edit('I do not like it', 'I do like it'), 'text: s/do not/do/'],
    ['ambiguous', edit('a cat and a cap', 'a cat and the cap'), 'text: * a cat and the cap'],
    ['ambiguous as part of a word', edit('he is there', 'she is there'), 'text: * she is there'],
    ['a slash', edit('see and/or this', 'see or this'), 'text: * see or this'],
    ['everything', edit('yes', 'no'), 'text: * no'],
    ['long', edit(`a ${'x'.repeat(50)} b`, `a ${'y'.repeat(50)} b`), `text: * a ${'y'.repeat(50)} b`],
    ['several lines', edit('a b', 'a c\nd'), 'text: * a c\nd'],
    ['unknown before', edit(undefined, 'new text'), 'text: * new text'],
    ['an emote', edit('waves', 'waves back', { style: 'emote' }), 'text: * waves back'],
    [
      'nothing that shows',
      edit('same', 'same', { html: '<b>same</b>' }),
      'drop: Nothing changed that the network can show.',
    ],
    [
      'a caption',
      {
        kind: 'edit',
        target: target(),
        content: { ...photo, caption: { body: 'my cat' } },
        previous: 'my cta',
      },
      'text: s/cta/cat/',
    ],
  ])('%s', (_name, action, expected) => {
    expect(wordsOf(action)).toBe(expected)
  })

  test('what a correction says gives the new text', () => {
    const words = ['a', 'b', 'ab', 'c', 'noon', 'on']
    for (let i = 0; i < 2_000; i++) {
      const pick = (n: number, seed: number) =>
        Array.from({ length: n }, (_, k) => words[(seed * 7 + k * k * (seed % 5) + k) % words.length])
      const before = pick(1 + (i % 6), i).join(' ')
      const after = pick(1 + ((i >> 2) % 6), i + 3).join(' ')
      const said = wordsOf(edit(before, after))
      const correction = /^text: s\/(.*)\/(.*)\/$/.exec(said)
      if (correction !== null) expect(before.replace(correction[1] ?? '', correction[2] ?? '')).toBe(after)
      else
        expect(said).toBe(
          before === after ? 'drop: Nothing changed that the network can show.' : `text: * ${after}`,
        )
    }
  })

  test('the window of a network that can edit', () => {
    const caps: Capabilities = { ...EVERYTHING, editWindowMs: 60_000 }
    const late = { ...edit('at nune', 'at noon'), target: target({ at: ago(61) }) } as RemoteAction
    expect(wordsOf(edit('at nune', 'at noon'), caps)).toBe('native: edit')
    expect(wordsOf(late, caps)).toBe('text: s/nune/noon/')
    expect(renderFallback(late, caps, options)).toHaveProperty(
      'note',
      'It was too late to edit; the change was sent as a message.',
    )
  })
})

describe('replies', () => {
  test.each<[string, RemoteAction, string]>([
    ['recent', say(text('yes'), { replyTo: target() }), 'text: bob: yes'],
    [
      'old',
      say(text('yes'), { replyTo: target({ at: ago(301) }) }),
      'text: bob: "shall we meet at noon" <- yes',
    ],
    [
      'to oneself',
      say(text('yes'), { replyTo: target({ own: true }) }),
      'text: "shall we meet at noon" <- yes',
    ],
    [
      'to somebody without a name',
      say(text('yes'), { replyTo: without('authorName') }),
      'text: "shall we meet at noon" <- yes',
    ],
    [
      'old and forgotten',
      say(text('yes'), { replyTo: target({ at: ago(301), excerpt: '' }) }),
      'text: bob: yes',
    ],
    ['nothing known', say(text('yes'), { replyTo: target({ own: true, excerpt: '' }) }), 'text: yes'],
    ['already called', say(text('Bob: yes'), { replyTo: target() }), 'text: Bob: yes'],
    ['already called with a comma', say(text('@bob, yes'), { replyTo: target() }), 'text: @bob, yes'],
    [
      'another name that begins alike',
      say(text('bobby: yes'), { replyTo: target() }),
      'text: bob: bobby: yes',
    ],
    ['emote', say(text('nods', { style: 'emote' }), { replyTo: target() }), 'emote: nods (to bob)'],
    [
      'old, emote',
      say(text('nods', { style: 'emote' }), { replyTo: target({ at: ago(301) }) }),
      'emote: nods (to bob: "shall we meet at noon")',
    ],
    ['thread', say(text('yes'), { threadRoot: target() }), 'text: bob: yes'],
    [
      'reply in a thread',
      say(text('yes'), { threadRoot: target(), replyTo: target({ authorName: 'eve' }) }),
      'text: eve: yes',
    ],
    [
      'an attachment',
      say(photo, { replyTo: target() }),
      'text: bob: image cat.jpg (1.2 MB): https://m.example/x',
    ],
  ])('%s', (_name, action, expected) => {
    expect(wordsOf(action, NOTHING, { mediaLink })).toBe(expected)
  })

  test('markup is kept, and names are no markup', () => {
    const caps: Capabilities = { ...NOTHING, formatting: 'native' }
    const replyTo = target({ authorName: '<b>' })
    const bold = say(text('yes', { html: '<p><b>yes</b></p>' }), { replyTo })
    expect(renderFallback(bold, caps, options)).toEqual({
      action: say(text('<b>: yes', { html: '<p>&lt;b&gt;: <b>yes</b></p>' })),
    })
  })

  test('a native attachment says it in its caption', () => {
    const caps: Capabilities = { ...NOTHING, media: 'native' }
    expect(renderFallback(say(photo, { replyTo: target() }), caps, options)).toEqual({
      action: say({ ...photo, caption: { body: 'bob:' } }),
    })
  })
})
