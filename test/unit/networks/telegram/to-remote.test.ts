import { describe, expect, it } from 'vitest'
import type { MessageContent } from '../../../../src/model/content.ts'
import { matrixUserId, remoteMessageId } from '../../../../src/model/ids.ts'
import type { RemoteAction } from '../../../../src/model/remote-action.ts'
import { personId } from '../../../../src/networks/telegram/ids.ts'
import { newPoll } from '../../../../src/networks/telegram/polls.ts'
import { toRemote } from '../../../../src/networks/telegram/to-remote.ts'
import type { Voice } from '../../../../src/networks/telegram/voice.ts'
import { BOB, FORUM, GROUP, ME, option, poll } from './setup.ts'
import { calls, image, target, text, voice } from './to-setup.ts'

describe('changes of a message', () => {
  const edit = (content: MessageContent, ids: string[], by?: Partial<Voice>) =>
    toRemote({ kind: 'edit', target: target({ remoteIds: ids.map(remoteMessageId) }), content }, voice(by))

  it('edits the text', () => {
    expect(calls(edit(text('new'), ['10']))).toEqual([
      { kind: 'edit', n: 10, text: { text: 'new', entities: [] }, noPreview: false },
    ])
  })

  it('edits part by part, deletes what is left over and adds what is missing', () => {
    const long = 'word '.repeat(1500)
    expect(calls(edit(text('short'), ['10', '11', '12']))).toMatchObject([
      { kind: 'edit', n: 10 },
      { kind: 'delete', numbers: [11, 12] },
    ])
    expect(calls(edit(text(long), ['10']))).toMatchObject([
      { kind: 'edit', n: 10 },
      { kind: 'text', reply: { to: 10 } },
    ])
    expect(calls(edit(text(long), ['10', '11'])).map((call) => call.kind)).toEqual(['edit', 'edit'])
  })

  it('edits a caption with its file', () => {
    expect(calls(edit({ ...image, caption: { body: 'new' } }, ['10']))).toMatchObject([
      { kind: 'edit', n: 10, text: { text: 'new' }, upload: { as: 'photo' } },
    ])
  })

  it('sends anew what cannot be edited, and says so', () => {
    const plan = edit({ kind: 'location', latitude: 1, longitude: 2 }, ['10'])
    expect(plan).toMatchObject({
      calls: [{ kind: 'media', reply: { to: 10 } }],
      note: expect.any(String) as string,
    })
  })

  it('deletes all parts', () => {
    const both = target({ remoteIds: [remoteMessageId('10'), remoteMessageId('11')] })
    expect(toRemote({ kind: 'redaction', target: both }, voice())).toEqual({
      calls: [{ kind: 'delete', numbers: [10, 11] }],
    })
  })

  it('says so when the account does not have the message', () => {
    const strange = target({ remoteIds: [remoteMessageId('2000.5')] })
    const all: RemoteAction[] = [
      { kind: 'edit', target: strange, content: text('x') },
      { kind: 'redaction', target: strange },
      { kind: 'reaction', target: strange, key: '👍' },
      { kind: 'poll-vote', target: strange, options: [] },
      { kind: 'pin', target: strange, pinned: true },
    ]
    for (const action of all) {
      expect(toRemote(action, voice({ chat: { kind: 'chat', id: GROUP } }))).toMatchObject({
        refused: expect.stringContaining('does not have the message') as string,
      })
    }
  })
})

describe('reactions', () => {
  const react = (key: string, by: Partial<Voice> = {}) =>
    toRemote({ kind: 'reaction', target: target(), key }, voice(by))

  it('puts one in place of another, and says so', () => {
    expect(react('❤️')).toEqual({
      calls: [
        {
          kind: 'react',
          n: 10,
          reactions: [{ _: 'reactionEmoji', emoticon: '❤' }],
          keys: ['❤️'],
          replaced: [],
        },
      ],
    })
    expect(react('🔥', { ownReactions: ['👍'] })).toMatchObject({
      calls: [{ keys: ['🔥'], replaced: ['👍'] }],
      note: expect.stringContaining('👍') as string,
    })
    expect(react('👍', { ownReactions: ['👍'] })).toMatchObject({ calls: [{ keys: ['👍'], replaced: [] }] })
  })

  it('has room for three with Premium', () => {
    expect(react('🔥', { premium: true, ownReactions: ['👍', '❤️'] })).toMatchObject({
      calls: [{ keys: ['👍', '❤️', '🔥'], replaced: [] }],
    })
    expect(react('🎉', { premium: true, ownReactions: ['👍', '❤️', '🔥'] })).toMatchObject({
      calls: [{ keys: ['❤️', '🔥', '🎉'], replaced: ['👍'] }],
    })
  })

  it('refuses what Telegram does not take', () => {
    expect(react('🧀')).toMatchObject({ refused: expect.stringContaining('🧀') as string })
    expect(react('👍', { allowedReactions: ['🔥'] })).toMatchObject({
      refused: expect.stringContaining('this chat') as string,
    })
  })

  it('takes one back and leaves the others', () => {
    const remove = (key: string, own: string[]) =>
      toRemote({ kind: 'reaction-removal', target: target(), key }, voice({ ownReactions: own }))
    expect(remove('👍', ['👍'])).toMatchObject({ calls: [{ kind: 'react', reactions: [], keys: [] }] })
    expect(remove('👍', ['👍', '🔥'])).toMatchObject({ calls: [{ keys: ['🔥'] }] })
    expect(remove('👍', ['🔥'])).toEqual({ calls: [] })
  })

  it('are told in words where many share an account', () => {
    expect(react('🧀', { speaker: 'Eve' })).toMatchObject({
      calls: [{ kind: 'text', text: { text: '* Eve reacted 🧀' }, reply: { to: 10 } }],
    })
    expect(
      toRemote({ kind: 'reaction-removal', target: target(), key: '👍' }, voice({ speaker: 'Eve' })),
    ).toMatchObject({ calls: [], note: expect.any(String) as string })
  })
})

describe('polls', () => {
  it('votes with the bytes of the answers', () => {
    const state = newPoll(poll().poll, ['a', 'b', 'c'])
    const vote = (ids: string[], by: Partial<Voice>) =>
      toRemote(
        { kind: 'poll-vote', target: target(), options: ids.map((id) => ({ id, text: '' })) },
        voice(by),
      )
    expect(vote(['b'], { poll: state })).toEqual({ calls: [{ kind: 'vote', n: 10, options: [option(1)] }] })
    expect(vote([], { poll: state })).toEqual({ calls: [{ kind: 'vote', n: 10, options: [] }] })
    expect(vote(['31'], {})).toEqual({ calls: [{ kind: 'vote', n: 10, options: [option(1)] }] })
    expect(vote(['x'], { poll: state })).toHaveProperty('refused')
    expect(vote(['b'], { poll: state, speaker: 'Eve' })).toHaveProperty('refused')
  })

  it('closes its own only', () => {
    expect(toRemote({ kind: 'poll-end', target: target() }, voice())).toEqual({
      calls: [{ kind: 'close-poll', n: 10 }],
    })
    expect(toRemote({ kind: 'poll-end', target: target({ own: false }) }, voice())).toHaveProperty('refused')
  })
})

describe('the conversation', () => {
  const cases: [string, RemoteAction, Partial<Voice>, unknown][] = [
    ['a name', { kind: 'name', name: ' New ' }, {}, { calls: [{ kind: 'title', title: 'New' }] }],
    [
      'the name of a topic',
      { kind: 'name', name: 'New' },
      { chat: { kind: 'channel', id: FORUM, topic: 40 } },
      { calls: [{ kind: 'topic-title', topic: 40, title: 'New' }] },
    ],
    [
      'no name',
      { kind: 'name', name: ' ' },
      {},
      { refused: 'A conversation on Telegram always has a name.' },
    ],
    ['a topic', { kind: 'topic', topic: 'about' }, {}, { calls: [{ kind: 'about', about: 'about' }] }],
    [
      'a long topic',
      { kind: 'topic', topic: 'x'.repeat(300) },
      {},
      { calls: [{ about: `${'x'.repeat(254)}…` }], note: expect.any(String) as string },
    ],
    ['no picture', { kind: 'avatar' }, {}, { calls: [{ kind: 'photo' }] }],
    [
      'a picture',
      { kind: 'avatar', avatar: image },
      {},
      { calls: [{ kind: 'photo', upload: { as: 'photo' } }] },
    ],
    [
      'a pin',
      { kind: 'pin', target: target(), pinned: false },
      {},
      { calls: [{ kind: 'pin', n: 10, pinned: false }] },
    ],
    [
      'settings',
      { kind: 'settings', settings: { archived: true } },
      {},
      { calls: [{ kind: 'settings', settings: { archived: true } }] },
    ],
    [
      'power',
      { kind: 'power', changes: [{ remote: personId(BOB), level: 50 }] },
      {},
      { calls: [{ kind: 'admin', target: { user: BOB }, rights: { _: 'chatAdminRights' } }] },
    ],
    [
      'no power',
      { kind: 'power', changes: [{ remote: personId(BOB), level: 0 }] },
      {},
      { calls: [{ kind: 'admin' }] },
    ],
    [
      'power of a stranger',
      { kind: 'power', changes: [{ remote: personId(9), level: 50 }] },
      {},
      { refused: expect.any(String) as string },
    ],
  ]
  it.each(cases)('takes %s', (_, action, by, plan) => {
    expect(toRemote(action, voice(by))).toMatchObject(plan as object)
  })

  const member = (
    change: Extract<RemoteAction, { kind: 'membership' }>['change'],
    remote?: number,
  ): RemoteAction => ({
    kind: 'membership',
    user: matrixUserId('@a:hs'),
    change,
    ...(remote !== undefined && { remote: personId(remote) }),
  })
  it.each<[string, RemoteAction, unknown]>([
    ['invites', member('invite', BOB), { calls: [{ kind: 'invite', target: { user: BOB } }] }],
    ['removes', member('kick', BOB), { calls: [{ kind: 'kick', target: { user: BOB } }] }],
    ['bans', member('ban', BOB), { calls: [{ kind: 'ban' }] }],
    ['unbans', member('unban', BOB), { calls: [{ kind: 'unban' }] }],
    ['leaves', member('leave'), { calls: [{ kind: 'leave' }] }],
    ['leaves by id', member('leave', ME), { calls: [{ kind: 'leave' }] }],
    ['does nothing for a joiner', member('join'), { calls: [] }],
    [
      'cannot invite strangers',
      member('invite', 9),
      { refused: expect.stringContaining('never met') as string },
    ],
    [
      'cannot invite people of Matrix',
      member('invite'),
      { refused: expect.stringContaining('not on Telegram') as string },
    ],
  ])('%s', (_, action, plan) => {
    expect(toRemote(action, voice())).toMatchObject(plan as object)
  })

  it('does not leave for somebody who only borrowed the account', () => {
    expect(toRemote(member('leave'), voice({ speaker: 'Eve' }))).toEqual({ calls: [] })
  })
})
