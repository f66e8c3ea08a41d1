import { describe, expect, test } from 'vitest'
import type { Scene } from './scene.ts'
import { KINDS } from './scene.ts'
import type { Talk } from './talk.ts'

/** The contact says something. @returns its event on Matrix */
async function contactSays(talk: Talk, text: string): Promise<string> {
  talk.contact.say(talk.target, text)
  await talk.contactDid([`<bob> ${text}`], [`<bob> ${text}`])
  return talk.onMatrix.event('bob', text)
}

async function personSays(talk: Talk, text: string): Promise<string> {
  const event = await talk.person.client.sendText(talk.room, text)
  await talk.personDid([`<alice> ${text}`], [`<alice> ${text}`])
  return event
}

/** What people do about an earlier message: answer, correct, take back, react. */
export function aboutFeatures(scene: () => Scene): void {
  describe.each(KINDS)('about a message, %s', (kind) => {
    test('an answer shows what it answers', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const question = await contactSays(talk, 'shall we?')
      await client.reply(talk.room, question, 'yes')
      await talk.personDid(['<alice> ↪ "shall we?" yes'], [talk.tier.reply('bob', 'shall we?', 'yes')])
      const mine = await personSays(talk, 'at five')
      await client.reply(talk.room, mine, 'or six')
      await talk.personDid(['<alice> ↪ "at five" or six'], [talk.tier.replyToSelf('at five', 'or six')])
    })

    test('an answer from IRC shows what it answers, where people of IRC can answer', async () => {
      const talk = scene()[kind]
      await personSays(talk, 'tea or coffee?')
      if (talk.tier.tags) {
        talk.contact.reply(talk.target, await talk.onIrc.msgid('tea or coffee?'), 'tea')
        await talk.contactDid(['<bob> ↪ "tea or coffee?" tea'], ['<bob> ↪ "tea or coffee?" tea'])
      } else await contactSays(talk, '"tea or coffee?" <- tea')
    })

    test('an answer in a thread, and one that is an action', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const root = await contactSays(talk, 'the plan')
      await client.send(talk.room, {
        msgtype: 'm.text',
        body: 'step one',
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: root,
          is_falling_back: true,
          'm.in_reply_to': { event_id: root },
        },
      })
      await talk.personDid(
        ['<alice> ↪ "the plan" step one'],
        [talk.tier.reply('bob', 'the plan', 'step one')],
      )
      const relation = { 'm.in_reply_to': { event_id: root } }
      await client.send(talk.room, { msgtype: 'm.emote', body: 'nods', 'm.relates_to': relation })
      await talk.personDid(['* alice ↪ "the plan" nods'], [talk.tier.emoteReply('bob', 'the plan', 'nods')])
    })

    test('a correction is the words that changed, else the text again', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const event = await personSays(talk, 'I liek tea')
      await client.edit(talk.room, event, 'I like tea')
      await talk.personDid(['alice edits "I liek tea" to I like tea'], ['<alice> s/liek/like/'])
      await talk.told({
        matrix: [
          expect.stringMatching(
            /^-viaductbot- ↪ "I liek tea" IRC cannot edit messages: the correction was sent as a new line\.$/,
          ),
        ],
      })
      await client.edit(talk.room, event, 'green, without sugar')
      await talk.personDid(
        ['alice edits "I liek tea" to green, without sugar'],
        ['<alice> * green, without sugar'],
      )
    })

    test('what is taken back stays on IRC, and everybody is told so', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const event = await personSays(talk, 'forget this')
      await client.redact(talk.room, event, 'wrong room')
      await talk.personDid(
        [expect.stringMatching(/^alice removes/)],
        ['* alice deleted "forget this" (wrong room)'],
      )
      await talk.told({
        matrix: ['-viaductbot- ↪ "forget this" IRC keeps what was said: the text stays there.'],
      })
    })

    test('a reaction, its end, and one to an own message', async () => {
      const talk = scene()[kind]
      const { client } = talk.person
      const event = await contactSays(talk, 'I made cake')
      const reaction = await client.react(talk.room, event, '👍')
      await talk.personDid(['alice reacts 👍 to "I made cake"'], [talk.tier.reaction('👍', 'I made cake')])
      await talk.told({
        matrix: talk.tier.reactionNote.map((note) => `-viaductbot- ↪ "I made cake" ${note}`),
      })
      await client.redact(talk.room, reaction)
      await talk.personDid(
        [expect.stringMatching(/^alice removes/)],
        [talk.tier.reactionTakenBack('👍', 'I made cake')],
      )
      const mine = await personSays(talk, 'me too')
      await client.react(talk.room, mine, '🎂')
      await talk.personDid(['alice reacts 🎂 to "me too"'], [talk.tier.reaction('🎂', 'me too')])
    })

    test('a reaction from IRC and its end, where people of IRC can react', async () => {
      const talk = scene()[kind]
      await personSays(talk, 'who comes?')
      const msgid = await talk.onIrc.msgid('who comes?')
      if (!talk.tier.tags) {
        expect(msgid, 'no id by which IRC could react').toBe('')
        return
      }
      talk.contact.react(talk.target, msgid, '🎉')
      await talk.contactDid(['bob reacts 🎉 to "who comes?"'], ['bob reacts 🎉 to "who comes?"'])
      talk.contact.unreact(talk.target, msgid, '🎉')
      await talk.contactDid(['bob takes 🎉 back from "who comes?"'], [expect.stringMatching(/^bob removes/)])
    })
  })
}
