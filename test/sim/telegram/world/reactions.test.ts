import { expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { listOf, objectOf, pair, updatesIn } from './test-device.ts'

const emoji = (emoticon: string) => ({ _: 'reactionEmoji', emoticon })

test('a reaction replaces the one before, and an empty list takes it back', () => {
  const { tg, alice, bob, a, b } = pair()
  const post = tg.say(bob, alice, 'joke')
  const react = (reaction: TlObject[]) =>
    a.ask('messages.sendReaction', { peer: a.peer(bob), msg_id: 1, reaction })
  react([emoji('👍')])
  react([emoji('🔥')])
  expect(tg.view(bob, alice)[0]?.reactions).toEqual([{ reaction: '🔥', count: 1, mine: false }])
  expect(b.updates.at(-1)).toMatchObject({
    _: 'updateMessageReactions',
    reactions: { results: [{ count: 1 }], recent_reactions: [{ peer_id: { user_id: alice.id } }] },
  })
  expect(() => react([emoji('🔥')])).toThrow('MESSAGE_NOT_MODIFIED')
  expect(() => react([emoji('👍'), emoji('🔥')])).toThrow('REACTIONS_TOO_MANY')
  expect(() => react([emoji('🥦')])).toThrow('REACTION_INVALID')
  react([{ _: 'reactionEmpty' }])
  expect(post.reactions.size).toBe(0)
  tg.switches.tooManyReactions = 'keepLast'
  react([emoji('👍'), emoji('🔥')])
  expect(tg.view(alice, bob)[0]?.reactions).toEqual([{ reaction: '🔥', count: 1, mine: true }])
})

test('premium accounts react three times, with custom emojis too', () => {
  const { tg, alice, bob, a } = pair()
  tg.say(bob, alice, 'joke')
  const document_id = tg.media.customEmoji(Buffer.from('x'), '🙂')
  const custom = { _: 'reactionCustomEmoji', document_id }
  const react = (reaction: TlObject[]) =>
    a.ask('messages.sendReaction', { peer: a.peer(bob), msg_id: 1, reaction })
  expect(() => react([custom])).toThrow('403 PREMIUM_ACCOUNT_REQUIRED')
  alice.premium = true
  react([emoji('👍'), emoji('🔥'), custom])
  expect(
    listOf(objectOf(tg.view(alice, bob)[0]?.tl['reactions'])['results']).map(
      ({ chosen_order }) => chosen_order,
    ),
  ).toEqual([0, 1, 2])
})

test('who reacted can be asked for, and what a chat allows is set', () => {
  const { tg, alice, bob, a } = pair({ channelReactions: 'author', recentReactions: 1 })
  const members = Array.from({ length: 4 }, (_, i) => tg.user({ firstName: `U${i}` }))
  const group = tg.supergroup({ title: 'G', members: [alice, bob, ...members] })
  const post = tg.say(bob, group, 'joke')
  const before = a.updates.length
  for (const member of members) tg.react(member, post, '👍')
  expect(a.updates.length).toBe(before)
  const ask = { peer: a.peer(group), id: post.channelId, limit: 3 }
  const first = a.ask('messages.getMessageReactionsList', ask)
  expect(first).toMatchObject({ count: 4, next_offset: '3' })
  expect(
    listOf(a.ask('messages.getMessageReactionsList', { ...ask, offset: '3' })['reactions']),
  ).toHaveLength(1)
  const [update] = updatesIn(
    a.ask('messages.getMessagesReactions', { peer: a.peer(group), id: [post.channelId] }),
  )
  expect(listOf(objectOf(update?.['reactions'])['recent_reactions'])).toHaveLength(1)
  a.ask('messages.setChatAvailableReactions', {
    peer: a.peer(group),
    available_reactions: { _: 'chatReactionsSome', reactions: [emoji('🎉')] },
  })
  expect(() => tg.react(bob, post, '👍')).toThrow('REACTION_INVALID')
  tg.react(bob, post, '🎉')
})
