import { describe, expect, test } from 'vitest'
import type { Scene } from './scene.ts'
import { KINDS } from './scene.ts'

const bySpeaker = (lines: readonly string[]) => lines.map((line) => `<alice> ${line}`)
const told = (lines: readonly string[]) => lines.map((line) => `-alice- ${line}`)

/** Polls: native on Matrix, on IRC in words with votes by `!vote`. */
export function pollFeatures(scene: () => Scene): void {
  describe.each(KINDS)('polls, %s', (kind) => {
    test('one from Matrix: votes from both sides, a changed one, and the end', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const poll = await client.startPoll(talk.room, 'Lunch?', ['Pizza', 'Soup'])
      await talk.personDid(
        ['alice asks Lunch?\n1. Pizza\n2. Soup'],
        bySpeaker(['Poll: Lunch?', '1. Pizza', '2. Soup', 'Vote with !vote and the number']),
      )
      await talk.told({ matrix: [expect.stringContaining('IRC has no polls: it was written out as text.')] })
      talk.contact.say(talk.target, '!vote 2')
      await talk.contactDid(['<bob> !vote 2'], ['bob votes 1'])
      await talk.told({ irc: told(['📊 Lunch?', 'Pizza — 0', '👍 Soup — 1 (100%)']) })
      await client.votePoll(talk.room, poll, ['0'])
      await talk.personDid(['alice votes 0'], told(['📊 Lunch?', '👍 Pizza — 1 (50%)', '👍 Soup — 1 (50%)']))
      talk.contact.say(talk.target, '!vote 1')
      await talk.contactDid(['<bob> !vote 1'], ['bob votes 0'])
      await talk.told({ irc: told(['📊 Lunch?', '👍 Pizza — 2 (100%)', 'Soup — 0']) })
      talk.contact.say(talk.target, '!vote')
      await talk.contactDid(['<bob> !vote'], ['bob votes '])
      await talk.told({ irc: told(['📊 Lunch?', '👍 Pizza — 1 (100%)', 'Soup — 0']) })
      await client.endPoll(talk.room, poll)
      await talk.personDid(
        ['alice ends the poll'],
        bySpeaker(['The poll "Lunch?" has ended.', '📊 Lunch?', '👍 Pizza — 1 (100%)', 'Soup — 0']),
      )
    })

    test('one from IRC becomes a real one on Matrix', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      talk.contact.say(talk.target, '!poll Dinner? | Fish | Rice')
      await talk.contactDid(
        ['<bob> !poll Dinner? | Fish | Rice'],
        [expect.stringMatching(/^bob asks Dinner\?/)],
      )
      await talk.told({
        irc: told(['Poll: Dinner?', '1. Fish', '2. Rice', 'Vote with !vote and the number']),
      })
      const start = await client.sync.waitForEvent(
        (event) =>
          event.room_id === talk.room && event.type.endsWith('poll.start') && event.sender.includes('bob'),
      )
      await client.votePoll(talk.room, start.event_id ?? '', ['2'])
      await talk.personDid(['alice votes 2'], told(['📊 Dinner?', 'Fish — 0', '👍 Rice — 1 (100%)']))
      talk.contact.say(talk.target, '!vote 7')
      await talk.contactDid(['<bob> !vote 7'], ['<bob> !vote 7'])
      await talk.told({ irc: told(['The answers are numbered from 1 to 2.']) })
    })
  })
}
