import { downloadMediaMessage } from '@whiskeysockets/baileys'
import type { WAMessage, proto } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { remoteUserId } from '../../src/model/ids.ts'
import { WhatsAppConnector } from '../../src/networks/whatsapp/connector.ts'
import { optionId, pollOf, votedOptions } from '../../src/networks/whatsapp/from-poll.ts'
import { openVote, sealVote } from '../../src/networks/whatsapp/votes.ts'
import { Stack } from '../support/stack.ts'
import type { Person as MatrixPerson } from '../support/stack.ts'
import { startWhatsApp } from '../support/whatsapp.ts'
import type { Person, TestWhatsApp } from '../support/whatsapp.ts'
import { scannedBy } from '../support/qr-text.ts'

type MatrixEvent = ReturnType<Stack['homeserver']['timeline']>[number]

/** Everything that crosses, between a Matrix user and a contact on the loopback WhatsApp, whose phone is a real client. */
describe('WhatsApp', () => {
  let whatsapp: TestWhatsApp
  let stack: Stack
  let alice: MatrixPerson
  let her: Person
  let bob: Person
  let carol: Person
  let direct: string

  beforeAll(async () => {
    whatsapp = await startWhatsApp()
    her = await whatsapp.person('4915112345678', 'Alice')
    bob = await whatsapp.person('4915212345678', 'Bob')
    carol = await whatsapp.person('4915312345678', 'Carol')
    const connector = new WhatsAppConnector(whatsapp.config, { backoffMs: 10 })
    stack = await Stack.start(() => [connector])
    alice = await stack.person('alice')
    await alice.ask('login whatsapp qr', 'asking WhatsApp for a code')
    await whatsapp.wa.linking.scan(await scannedBy(alice, stack.homeserver), her.account.phone)
    await alice.heard('logged in to WhatsApp as +4915112345678')
    const isConnected = () => connector.status().some(({ state }) => state === 'connected')
    await stack.homeserver.waitFor(isConnected, 'the bridge to be connected', 15_000)
    await bob.socket.sendMessage(her.pn, { text: 'a first word' })
    direct = await roomWith('a first word')
  })

  afterAll(async () => {
    await stack.close()
    await whatsapp.wa.stop()
    expect(whatsapp.wa.journal.unknown).toEqual([])
  })

  /** The room in which somebody says something; alice goes in. */
  async function roomWith(body: string): Promise<string> {
    const hs = stack.homeserver
    const find = () => hs.roomIds().find((id) => hs.timeline(id).some((e) => e.content['body'] === body))
    await hs.waitFor(() => find() !== undefined, `a room with "${body}"`, 15_000)
    const id = find() ?? ''
    await alice.user.join(id)
    return id
  }

  async function event(
    where: string,
    wanted: (event: MatrixEvent) => boolean,
    what: string,
  ): Promise<MatrixEvent> {
    const find = () => stack.homeserver.timeline(where).find(wanted)
    await stack.homeserver.waitFor(() => find() !== undefined, `${what} on Matrix`, 15_000)
    const found = find()
    if (found === undefined) throw new Error('gone')
    return found
  }

  const withBody = (where: string, body: string) =>
    event(where, (e) => e.type === 'm.room.message' && e.content['body'] === body, `"${body}"`)

  test('texts go both ways', async () => {
    const first = await withBody(direct, 'a first word')
    expect(first.sender).toContain('_whatsapp_')
    await alice.user.sendText(direct, 'an answer')
    await bob.heardText('an answer')
    await bob.socket.sendMessage(her.pn, { text: 'and a second' })
    expect((await withBody(direct, 'and a second')).sender).toBe(first.sender)
  })

  test('a reply, an edit and a removal, from Matrix', async () => {
    const question = await bob.socket.sendMessage(her.pn, { text: 'shall we?' })
    await alice.user.reply(direct, (await withBody(direct, 'shall we?')).event_id, 'we shall')
    const answer = await bob.heardText('we shall')
    expect(answer.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(question?.key.id)
    const mine = await alice.user.sendText(direct, 'I liek it')
    const sent = await bob.heardText('I liek it')
    await alice.user.edit(direct, mine, 'I like it')
    await bob.saw('messages.update', (updates) =>
      updates.some(
        ({ key, update }) => key.id === sent.key.id && JSON.stringify(update).includes('I like it'),
      ),
    )
    await alice.user.redact(direct, mine)
    await bob.saw('messages.update', (updates) =>
      updates.some(({ key, update }) => key.id === sent.key.id && update.message === null),
    )
  })

  test('a reply, an edit and a removal, from WhatsApp', async () => {
    const mine = await alice.user.sendText(direct, 'a question of mine')
    const quoted = await bob.heardText('a question of mine')
    // An app answers where the question is, and by now the two know each other by LID.
    const sent = await bob.socket.sendMessage(her.lid, { text: 'an answr' }, { quoted })
    const answer = await withBody(direct, 'an answr')
    expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: mine } })
    if (sent === undefined) throw new Error('nothing was sent')
    await bob.socket.sendMessage(her.lid, { text: 'an answer', edit: sent.key })
    const edit = await event(
      direct,
      (e) => (e.content['m.relates_to'] as { event_id?: string } | undefined)?.event_id === answer.event_id,
      'the edit',
    )
    expect(edit.content['m.new_content']).toMatchObject({ body: 'an answer' })
    await bob.socket.sendMessage(her.lid, { delete: sent.key })
    await event(
      direct,
      (e) => e.type === 'm.room.redaction' && JSON.stringify(e).includes(answer.event_id),
      'the removal',
    )
  })

  test('reactions, put there and taken back, both ways', async () => {
    const sent = await bob.socket.sendMessage(her.pn, { text: 'a joke' })
    const joke = await withBody(direct, 'a joke')
    const reaction = await alice.user.react(direct, joke.event_id, '👍')
    await bob.heard(({ message }) => message?.reactionMessage?.text === '👍', 'the thumb')
    await alice.user.redact(direct, reaction)
    await bob.heard(({ message }) => message?.reactionMessage?.text === '', 'no thumb')
    await alice.user.sendText(direct, 'a better joke')
    const better = await bob.heardText('a better joke')
    await bob.socket.sendMessage(her.pn, { react: { text: '🔥', key: better.key } })
    const fire = await event(direct, (e) => e.type === 'm.reaction' && says(e, '🔥'), 'the fire')
    expect(fire.sender).toContain('_whatsapp_')
    await bob.socket.sendMessage(her.pn, { react: { text: '', key: better.key } })
    await event(direct, (e) => e.type === 'm.room.redaction' && says(e, fire.event_id), 'no fire')
    expect(sent?.key.id).toBeDefined()
  })

  test('a picture with a caption, both ways', async () => {
    const bytes = Buffer.from('a picture that is not one')
    const mxc = await alice.user.upload(bytes, 'image/jpeg', 'cat.jpg')
    await alice.user.send(direct, 'm.room.message', {
      msgtype: 'm.image',
      body: 'look at this',
      filename: 'cat.jpg',
      url: mxc,
      info: { mimetype: 'image/jpeg', size: bytes.length, w: 10, h: 10 },
    })
    const got = await bob.heard(({ message }) => message?.imageMessage, 'the picture')
    expect(got.message?.imageMessage?.caption).toBe('look at this')
    expect(await downloadMediaMessage(got, 'buffer', {})).toEqual(bytes)
    await bob.socket.sendMessage(her.pn, {
      image: Buffer.from('bytes of a photo'),
      caption: 'and this',
      jpegThumbnail: '',
    })
    const image = await event(
      direct,
      (e) => e.content['msgtype'] === 'm.image' && e.sender.includes('_whatsapp_'),
      'the photo',
    )
    expect(image.content['body']).toBe('and this')
    const url = String(image.content['url'])
    expect(Buffer.from(await alice.user.download(url)).toString()).toBe('bytes of a photo')
  })

  test('a poll of Matrix, with votes of both sides', async () => {
    const poll = await alice.user.send(direct, 'org.matrix.msc3381.poll.start', {
      'org.matrix.msc3381.poll.start': {
        question: { 'org.matrix.msc1767.text': 'Lunch?' },
        kind: 'org.matrix.msc3381.poll.disclosed',
        max_selections: 1,
        answers: [
          { id: 'p', 'org.matrix.msc1767.text': 'Pizza' },
          { id: 's', 'org.matrix.msc1767.text': 'Soup' },
        ],
      },
      'org.matrix.msc1767.text': 'Lunch?',
    })
    const got = await bob.heard(({ message }) => pollIn(message)?.name === 'Lunch?', 'the poll')
    await bob.socket.relayMessage(her.pn, voteFor(got, bob, 'Soup'), {})
    const vote = await event(direct, (e) => e.type === 'org.matrix.msc3381.poll.response', 'the vote')
    expect(vote.sender).toContain('_whatsapp_')
    expect(vote.content).toMatchObject({ 'org.matrix.msc3381.poll.response': { answers: ['s'] } })
    await alice.user.send(direct, 'org.matrix.msc3381.poll.response', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      'org.matrix.msc3381.poll.response': { answers: ['p'] },
    })
    const cast = await bob.heard(({ message }) => message?.pollUpdateMessage, 'her vote')
    expect(openedBy(cast, got, [her, bob])).toEqual([optionId('Pizza')])
  })

  test('a poll of WhatsApp, and a vote in it', async () => {
    await bob.socket.sendMessage(her.pn, {
      poll: { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 },
    })
    const poll = await event(direct, (e) => e.type.endsWith('poll.start') && says(e, 'Tea?'), 'the poll')
    const start = poll.content['org.matrix.msc3381.poll.start'] as { answers: { id: string }[] }
    const before = bob.client.messages.filter(({ message }) => message?.pollUpdateMessage).length
    await alice.user.send(direct, 'org.matrix.msc3381.poll.response', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll.event_id },
      'org.matrix.msc3381.poll.response': { answers: [start.answers[0]?.id] },
    })
    const votes = () => bob.client.messages.filter(({ message }) => message?.pollUpdateMessage)
    await stack.homeserver.waitFor(() => votes().length > before, 'her vote', 15_000)
    const asked = bob.client.messages.find(({ message }) => pollIn(message)?.name === 'Tea?')
    const cast = votes().at(-1)
    if (asked === undefined || cast === undefined) throw new Error('gone')
    expect(openedBy(cast, asked, [her, bob])).toEqual([optionId('yes')])
  })

  test('a group: words of several people both ways, its name, and who is in it', async () => {
    const group = await bob.socket.groupCreate('Tea room', [her.pn, carol.pn])
    await bob.socket.sendMessage(group.id, { text: 'to all' })
    const room = await roomWith('to all')
    await carol.heardText('to all')
    await carol.socket.sendMessage(group.id, { text: 'me too' })
    const second = await withBody(room, 'me too')
    const first = await withBody(room, 'to all')
    expect(second.sender).not.toBe(first.sender)
    // In the direct chat and in the group he is the same.
    expect(first.sender).toBe((await withBody(direct, 'a first word')).sender)
    const hs = stack.homeserver
    await hs.waitFor(() => hs.state(room, 'm.room.name', '') !== undefined, 'the name')
    expect(hs.state(room, 'm.room.name', '')).toMatchObject({ name: 'Tea room' })
    await alice.user.sendText(room, 'hello everybody')
    await bob.heardText('hello everybody')
    await carol.heardText('hello everybody')
  })

  test('what is written on the phone comes as her own words, once', async () => {
    await her.socket.sendMessage(bob.pn, { text: 'from my phone' })
    await withBody(direct, 'from my phone')
    await bob.socket.sendMessage(her.pn, { text: 'after it' })
    await withBody(direct, 'after it')
    const bodies = stack.homeserver.timeline(direct).map((e) => e.content['body'])
    expect(bodies.filter((body) => body === 'from my phone')).toHaveLength(1)
    // What the bridge sent did not come back.
    expect(bodies.filter((body) => body === 'an answer')).toHaveLength(1)
  })
})

const says = (event: MatrixEvent, words: string) => JSON.stringify(event).includes(words)

const pollIn = (message: proto.IMessage | null | undefined) => pollOf(message ?? {})

/** A contact's vote, as an app of WhatsApp casts it. */
function voteFor(poll: WAMessage, voter: Person, answer: string): proto.IMessage {
  const { key, message } = poll
  const byLid = key.remoteJid?.endsWith('@lid') === true
  const vote = sealVote(message?.messageContextInfo?.messageSecret ?? new Uint8Array(), [optionId(answer)], {
    pollMsgId: key.id ?? '',
    creator: remoteUserId(key.remoteJid ?? ''),
    voter: remoteUserId(byLid ? voter.lid : voter.pn),
  })
  return { pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: Date.now() } }
}

/** The answers of a vote, opened with the poll's secret. */
function openedBy(cast: WAMessage, poll: WAMessage, among: Person[]): string[] {
  const secret = poll.message?.messageContextInfo?.messageSecret ?? new Uint8Array()
  const people = among.flatMap(({ pn, lid }) => [remoteUserId(pn), remoteUserId(lid)])
  const vote = openVote(
    { secret, creators: people },
    cast.message?.pollUpdateMessage?.vote ?? {},
    poll.key.id ?? '',
    people,
  )
  return votedOptions(vote?.selectedOptions)
}
