import type { WAMessage } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from '../support/whatsapp.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld, textOf } from '../support/whatsapp-world.ts'

/** What is done to words: answers, edits, removals and reactions, between a Matrix user and contacts with apps of WhatsApp. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms
let carol: Person

beforeAll(async () => {
  world = await WhatsAppWorld.start()
  carol = await world.carol()
  rooms = await WhatsAppRooms.enter(world, { others: [carol] })
})

afterAll(() => world.end())

describe('replies', () => {
  test('both ways, with what they answer', async () => {
    for (const [where, chat] of rooms.places) {
      const question = await world.bobSays(chat, { text: 'shall we?' })
      const there = await world.happens(where, (e) => e.content['body'] === 'shall we?', 'the question')
      await world.alice.user.reply(where, there.event_id, `we shall in ${where}`)
      const { content } = await world.text(`we shall in ${where}`)
      const context = content.extendedTextMessage?.contextInfo
      expect(context?.stanzaId).toBe(question.key.id)
      expect(context?.participant).toBe(world.bob.lid)
      expect(context?.quotedMessage?.conversation).toBe('shall we?')
      const mine = await world.alice.user.sendText(where, `say something in ${where}`)
      const { message: quoted } = await world.text(`say something in ${where}`)
      await world.bobSays(chat, { text: `something in ${where}` }, { quoted })
      const answer = await world.message(where, `something in ${where}`)
      expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: mine } })
    }
  })

  test('to something that the bridge has never seen: its words are quoted', async () => {
    for (const [where, chat] of rooms.places) {
      const unseen: WAMessage = {
        key: {
          remoteJid: chat,
          fromMe: true,
          id: `3EB0OLD${rooms.places.findIndex(([each]) => each === where)}`,
        },
        message: { conversation: 'of last year' },
      }
      await world.bobSays(chat, { text: `still true in ${where}` }, { quoted: unseen })
      const { content } = await world.happens(
        where,
        (e) => String(e.content['body']).endsWith(`still true in ${where}`),
        'the answer',
      )
      expect(content['body']).toContain('> of last year')
      expect(content['formatted_body']).toContain('<blockquote>of last year</blockquote>')
      expect(content['m.relates_to']).toBeUndefined()
    }
  })

  test('a thread of Matrix is answers on WhatsApp', async () => {
    const root = await world.bobSays(rooms.groupJid, { text: 'root of a thread' })
    const { event_id } = await world.message(rooms.group, 'root of a thread')
    await world.alice.user.sendText(rooms.group, 'within', {
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id,
        is_falling_back: true,
        'm.in_reply_to': { event_id },
      },
    })
    const { content } = await world.text('within')
    expect(content.extendedTextMessage?.contextInfo?.stanzaId).toBe(root.key.id)
  })
})

describe('edits', () => {
  test('both ways', async () => {
    for (const [where, chat] of rooms.places) {
      const mine = await world.alice.user.sendText(where, 'I liek it')
      const { message } = await world.sees(
        (content, { key }) => textOf(content) === 'I liek it' && key.remoteJid?.endsWith(chat.slice(-4)),
        'her words',
      )
      await world.alice.user.edit(where, mine, 'I like it')
      await world.edited(message.key, 'I like it')
      const sent = await world.bobSays(chat, { text: 'she sell' })
      const said = await world.message(where, 'she sell')
      await world.bobSays(chat, { text: 'she *sells*', edit: sent.key })
      const edit = await world.related(where, said.event_id, (e) => e.type === 'm.room.message', 'the edit')
      expect(edit.content['m.new_content']).toMatchObject({
        body: 'she *sells*',
        formatted_body: 'she <strong>sells</strong>',
      })
      expect(edit.sender).toBe(said.sender)
    }
  })

  test('after fifteen minutes it is an answer in words, and its sender is told', async () => {
    const mine = await world.alice.user.sendText(rooms.direct, 'an old mistkae')
    const { message } = await world.text('an old mistkae')
    await world.age(16 * 60_000)
    await world.alice.user.edit(rooms.direct, mine, 'an old mistake')
    const { content } = await world.sees(
      (each, { key }) => key.id !== message.key.id && textOf(each)?.includes('mistake'),
      'the correction',
    )
    expect(content.extendedTextMessage?.contextInfo?.stanzaId).toBe(message.key.id)
    await world.see(rooms.direct, 'WhatsApp lets messages be edited for 15 minutes')
  })
})

describe('removals', () => {
  test('both ways', async () => {
    for (const [where, chat] of rooms.places) {
      const mine = await world.alice.user.sendText(where, `a slip in ${where}`)
      const { message } = await world.text(`a slip in ${where}`)
      await world.alice.user.redact(where, mine)
      await world.revoked(message.key)
      const sent = await world.bobSays(chat, { text: `his slip in ${where}` })
      const said = await world.message(where, `his slip in ${where}`)
      await world.bobSays(chat, { delete: sent.key })
      await world.redacted(where, said.event_id)
    }
  })

  test('what others wrote, by an administrator, both ways', async () => {
    await carol.socket.sendMessage(rooms.groupJid, { text: 'rude' })
    const rude = await world.message(rooms.group, 'rude')
    const { message } = await world.text('rude')
    await world.bobSays(rooms.groupJid, { delete: message.key })
    await world.redacted(rooms.group, rude.event_id)
    const made = await world.bobSays(rooms.groupJid, { text: 'rude as well' })
    const there = await world.message(rooms.group, 'rude as well')
    // She may not, as long as she is none.
    await expect(world.alice.user.redact(rooms.group, there.event_id)).rejects.toThrow('permission')
    await world.bob.socket.groupParticipantsUpdate(rooms.groupJid, [world.her.lid], 'promote')
    await world.administers(rooms.group)
    await world.alice.user.redact(rooms.group, there.event_id)
    await world.revoked(made.key, carol)
    await world.bob.socket.groupParticipantsUpdate(rooms.groupJid, [world.her.lid], 'demote')
    await world.administers(rooms.group, false)
  })

  test('of what she wrote on her phone', async () => {
    const sent = await world.says(world.her, world.bob.lid, { text: 'from my phone' })
    const mine = await world.message(rooms.direct, 'from my phone')
    const got = await world.text('from my phone')
    await world.says(world.her, world.bob.lid, { delete: sent.key })
    await world.redacted(rooms.direct, mine.event_id)
    await world.revoked(got.message.key)
  })
})

describe('reactions', () => {
  const reacted = (text: string, id: string | null | undefined) =>
    world.sees(
      ({ reactionMessage }) => reactionMessage?.text === text && reactionMessage.key?.id === id,
      `the reaction ${text}`,
    )

  test('of Matrix, another one and none', async () => {
    for (const [where, chat] of rooms.places) {
      const sent = await world.bobSays(chat, { text: `a joke in ${where}` })
      const joke = await world.message(where, `a joke in ${where}`)
      const thumb = await world.alice.user.react(where, joke.event_id, '👍')
      await reacted('👍', sent.key.id)
      const heart = await world.alice.user.react(where, joke.event_id, '❤️')
      await reacted('❤️', sent.key.id)
      // There is one of each person: the first one goes.
      await world.redacted(where, thumb)
      await world.alice.user.redact(where, heart)
      await reacted('', sent.key.id)
    }
  })

  test('of WhatsApp, another one and none', async () => {
    for (const [where, chat] of rooms.places) {
      const mine = await world.alice.user.sendText(where, `her joke in ${where}`)
      const { message } = await world.text(`her joke in ${where}`)
      const isOf = (key: string) => (e: { content: Record<string, unknown> }) =>
        (e.content['m.relates_to'] as { key?: string }).key === key
      await world.bobSays(chat, { react: { text: '🔥', key: message.key } })
      const fire = await world.related(where, mine, isOf('🔥'), 'the fire')
      await world.bobSays(chat, { react: { text: '💧', key: message.key } })
      const water = await world.related(where, mine, isOf('💧'), 'the water')
      await world.redacted(where, fire.event_id)
      await world.bobSays(chat, { react: { text: '', key: message.key } })
      await world.redacted(where, water.event_id)
    }
  })

  test('what is no emoji is said in words', async () => {
    await world.bobSays(world.her.lid, { text: 'a bad joke' })
    const joke = await world.message(rooms.direct, 'a bad joke')
    await world.alice.user.react(rooms.direct, joke.event_id, 'meh')
    const { content } = await world.sees((each) => textOf(each)?.includes('reacted meh'), 'the words')
    expect(content.extendedTextMessage?.contextInfo?.quotedMessage?.conversation).toBe('a bad joke')
    await world.see(rooms.direct, 'WhatsApp takes one emoji as a reaction')
  })
})
