import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { remoteMessageId } from '../../../../src/model/ids.ts'
import { bareEmoji, isSameEmoji, qualifiedEmoji } from '../../../../src/networks/shared/emoji.ts'
import { FREE_REACTIONS, reactionFor } from '../../../../src/networks/telegram/reaction-key.ts'
import { NO_REACTIONS, reactionChange, withReactions } from '../../../../src/networks/telegram/reactions.ts'
import type { ReactionState } from '../../../../src/networks/telegram/reactions.ts'
import { remoteChat } from '../../../../src/networks/telegram/chats.ts'
import { BOB, CEM, DAN, ME, SUPER, view } from './setup.ts'

const now = new Date(1_700_000_500_000)
const of = { chat: remoteChat(view(), { kind: 'channel', id: SUPER }), target: remoteMessageId('10'), now }

const emoji = (emoticon: string): tl.TypeReaction => ({ _: 'reactionEmoji', emoticon })
const by = (userId: number, emoticon: string, date = 1_700_000_000): tl.RawMessagePeerReaction => ({
  _: 'messagePeerReaction',
  peerId: { _: 'peerUser', userId },
  date,
  reaction: emoji(emoticon),
})
/** The reactions of a message: all counts, and the people whom the server names. */
const reactions = (
  counts: Record<string, number>,
  recent: tl.RawMessagePeerReaction[],
  more: Partial<tl.RawMessageReactions> = {},
): tl.RawMessageReactions => ({
  _: 'messageReactions',
  results: Object.entries(counts).map(([emoticon, count]) => ({
    _: 'reactionCount',
    reaction: emoji(emoticon),
    count,
  })),
  ...(recent.length > 0 && { recentReactions: recent }),
  ...more,
})

function change(
  before: ReactionState,
  now_: tl.RawMessageReactions | undefined,
  list?: tl.RawMessagePeerReaction[],
): { told: string[]; ids: string[]; state: ReactionState; wantsList: boolean } {
  const { events, state, wantsList } = reactionChange(before, now_, of, view(), list)
  const told = events.map((event) => {
    switch (event.kind) {
      case 'reaction':
        return `+${event.sender?.id} ${event.key}`
      case 'reaction-removal':
        return `-${event.sender?.id} ${event.key}`
      case 'reaction-tally':
        return event.counts.map(({ key, count }) => `${key}×${count}`).join(' ') || 'none'
      default:
        return event.kind
    }
  })
  return { told, ids: events.map(({ id }) => id), state, wantsList }
}

describe('reactionChange', () => {
  it('tells who reacted, once', () => {
    const shown = reactions({ '👍': 1, '❤': 1 }, [by(BOB, '👍'), by(DAN, '❤')])
    const first = change(NO_REACTIONS, shown)
    expect(first.told).toEqual(['+user:2000 👍', '+user:4000 ❤️'])
    expect(change(first.state, shown).told).toEqual([])
    expect(change(first.state, shown).state).toEqual(first.state)
  })

  it('tells who took a reaction back or changed it', () => {
    const { state } = change(NO_REACTIONS, reactions({ '👍': 2 }, [by(BOB, '👍'), by(DAN, '👍')]))
    expect(change(state, reactions({ '👍': 1 }, [by(DAN, '👍')])).told).toEqual(['-user:2000 👍'])
    expect(change(state, reactions({ '👍': 1, '🔥': 1 }, [by(DAN, '👍'), by(BOB, '🔥')])).told).toEqual([
      '-user:2000 👍',
      '+user:2000 🔥',
    ])
    expect(change(state, undefined).told).toEqual(['-user:2000 👍', '-user:4000 👍'])
  })

  it('gives a reaction that was taken back and put again another id', () => {
    const once = change(NO_REACTIONS, reactions({ '👍': 1 }, [by(BOB, '👍', 100)]))
    const gone = change(once.state, reactions({}, []))
    const again = change(gone.state, reactions({ '👍': 1 }, [by(BOB, '👍', 200)]))
    expect(new Set([...once.ids, ...gone.ids, ...again.ids]).size).toBe(3)
    expect(change(NO_REACTIONS, reactions({ '👍': 1 }, [by(BOB, '👍', 100)])).ids).toEqual(once.ids)
  })

  it('takes nobody for gone who is only not named any more', () => {
    const { state } = change(NO_REACTIONS, reactions({ '👍': 2 }, [by(BOB, '👍'), by(DAN, '👍')]))
    const more = change(state, reactions({ '👍': 4 }, [by(CEM, '👍')], { canSeeList: true }))
    expect(more.told).toEqual(['+user:3000 👍'])
    expect(more.wantsList).toBe(true)
    const listed = change(more.state, reactions({ '👍': 2 }, [by(CEM, '👍')], { canSeeList: true }), [
      by(CEM, '👍'),
      by(DAN, '👍'),
    ])
    expect(listed.told).toEqual(['-user:2000 👍'])
    expect(listed.wantsList).toBe(false)
    expect(change(more.state, reactions({ '🔥': 9 }, [by(CEM, '🔥')])).told).toContain('-user:2000 👍')
  })

  it('counts those whom nobody names, as in channels', () => {
    const first = change(NO_REACTIONS, reactions({ '👍': 5, '🔥': 1 }, []))
    expect(first.told).toEqual(['👍×5 🔥×1'])
    expect(change(first.state, reactions({ '👍': 5, '🔥': 1 }, [])).told).toEqual([])
    const second = change(first.state, reactions({ '👍': 6 }, []))
    expect(second.told).toEqual(['👍×6'])
    const back = change(second.state, reactions({ '👍': 5, '🔥': 1 }, []))
    expect(back.told).toEqual(['👍×5 🔥×1'])
    expect(back.ids).not.toEqual(first.ids)
    expect(change(back.state, reactions({}, [])).told).toEqual(['none'])
  })

  it('knows what the account itself chose, also where nobody is named', () => {
    const results: tl.RawReactionCount[] = [
      { _: 'reactionCount', reaction: emoji('👍'), count: 5 },
      { _: 'reactionCount', reaction: emoji('🔥'), count: 1, chosenOrder: 0 },
    ]
    const first = change(NO_REACTIONS, reactions({}, [], { results }))
    expect(first.told).toEqual(['+user:1000 🔥', '👍×5'])
    const min = change(first.state, reactions({ '👍': 5, '🔥': 1 }, [], { min: true }))
    expect(min.told).toEqual([])
    expect(change(first.state, reactions({ '👍': 5 }, [])).told).toEqual(['-user:1000 🔥'])
  })

  it('does not tell back what the bridge did itself', () => {
    const state = withReactions(NO_REACTIONS, ME, ['🔥'])
    expect(change(state, reactions({ '🔥': 1 }, [by(ME, '🔥')])).told).toEqual([])
    expect(change(withReactions(state, ME, []), reactions({}, [])).told).toEqual([])
  })

  it('shows custom and paid reactions as what they stand for', () => {
    const custom: tl.TypeReaction = { _: 'reactionCustomEmoji', documentId: Long.fromNumber(5) }
    const results: tl.RawReactionCount[] = [
      { _: 'reactionCount', reaction: custom, count: 2 },
      { _: 'reactionCount', reaction: { _: 'reactionPaid' }, count: 3 },
      { _: 'reactionCount', reaction: { _: 'reactionEmpty' }, count: 1 },
    ]
    const all = reactions({}, [], { results })
    expect(change(NO_REACTIONS, all).told).toEqual(['✨×2 ⭐×3'])
    const known = view({ customEmoji: (id) => (id === '5' ? '❤' : undefined) })
    expect(reactionChange(NO_REACTIONS, all, of, known).events).toMatchObject([
      { counts: [{ key: '❤️', count: 2 }, { key: '⭐' }] },
    ])
  })

  it('leads from any state to any other, and then has nothing more to tell', () => {
    const anyReactions = fc
      .array(fc.tuple(fc.constantFrom(BOB, CEM, DAN, ME), fc.constantFrom('👍', '🔥', '❤')), { maxLength: 6 })
      .map((all) => {
        const unique = [...new Map(all.map((each) => [each.join(), each])).values()]
        const counts: Record<string, number> = {}
        for (const [, key] of unique) counts[key] = (counts[key] ?? 0) + 1
        return reactions(
          counts,
          unique.map(([who, key]) => by(who, key)),
        )
      })
    fc.assert(
      fc.property(fc.array(anyReactions, { minLength: 1, maxLength: 6 }), (steps) => {
        const shown = new Set<string>()
        let state = NO_REACTIONS
        for (const step of steps) {
          const next = change(state, step)
          for (const told of next.told) {
            if (told.startsWith('+')) {
              expect(shown.has(told.slice(1))).toBe(false)
              shown.add(told.slice(1))
            } else expect(shown.delete(told.slice(1))).toBe(true)
          }
          const wanted = (step.recentReactions ?? []).map(
            (each) =>
              `user:${each.peerId._ === 'peerUser' ? each.peerId.userId : 0} ${each.reaction._ === 'reactionEmoji' ? qualifiedEmoji(each.reaction.emoticon) : ''}`,
          )
          expect([...shown].sort()).toEqual(wanted.sort())
          expect(change(next.state, step).told).toEqual([])
          state = JSON.parse(JSON.stringify(next.state)) as ReactionState
        }
      }),
    )
  })
})

describe('emoji', () => {
  it.each([
    ['❤', '❤️'],
    ['❤️', '❤️'],
    ['👍', '👍'],
    ['👍🏽', '👍🏽'],
    ['✍', '✍️'],
    ['✍🏽', '✍🏽'],
    ['❤‍🔥', '❤️‍🔥'],
    ['🤷‍♂', '🤷‍♂️'],
    ['🕊', '🕊️'],
    ['⚡', '⚡'],
    ['a', 'a'],
    ['', ''],
  ])('%s is written %s on Matrix', (given, written) => {
    expect(qualifiedEmoji(given)).toBe(written)
    expect(isSameEmoji(given, written)).toBe(true)
    expect(bareEmoji(written)).toBe(bareEmoji(given))
  })

  it('finds the reaction in the spelling in which it is allowed', () => {
    expect(reactionFor('❤️', undefined)).toEqual({ _: 'reactionEmoji', emoticon: '❤' })
    expect(reactionFor('❤', ['❤️'])).toEqual({ _: 'reactionEmoji', emoticon: '❤️' })
    expect(reactionFor('🧀', undefined)).toBeUndefined()
    expect(reactionFor('👍', ['🔥'])).toBeUndefined()
    expect(new Set(FREE_REACTIONS).size).toBe(FREE_REACTIONS.length)
    expect(FREE_REACTIONS.filter((each) => !/\p{Extended_Pictographic}/u.test(each))).toEqual([])
  })
})
