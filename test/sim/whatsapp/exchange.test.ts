import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { decryptPollVote, proto } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import type { Person } from './world/test-person.ts'
import { Town } from './world/test-town.ts'

async function pair(): Promise<{ town: Town; alice: Person; bob: Person }> {
  const town = await Town.start()
  const alice = await town.person('111', 'Alice')
  const bob = await town.person('222', 'Bob')
  return { town, alice, bob }
}

test('texts go both ways, with who sent them, and come back delivered and read', async () => {
  const { alice, bob } = await pair()
  const sent = await alice.socket.sendMessage(bob.pn, { text: 'hello' })
  const got = await bob.heardText('hello')
  expect(got).toMatchObject({
    pushName: 'Alice',
    key: { id: sent?.key.id, fromMe: false, remoteJid: alice.pn, remoteJidAlt: alice.lid },
  })
  await alice.status(sent?.key.id, 3)
  await bob.socket.readMessages([got.key])
  await alice.status(sent?.key.id, 4)
  await bob.socket.sendMessage(alice.pn, { text: 'hi' })
  expect((await alice.heardText('hi')).pushName).toBe('Bob')
})

test('who hides what they read only tells their own devices', async () => {
  const { town, alice, bob } = await pair()
  await bob.socket.updateReadReceiptsPrivacy('none')
  await bob.socket.fetchPrivacySettings(true)
  const laptop = await town.companion(bob.account)
  const sent = await alice.socket.sendMessage(bob.pn, { text: 'secret' })
  const got = await bob.heardText('secret')
  await bob.socket.readMessages([got.key])
  await laptop.status(sent?.key.id, 4)
  await bob.socket.sendMessage(alice.pn, { text: 'I say nothing' })
  await alice.heardText('I say nothing')
  expect(alice.statuses(sent?.key.id)).toContain(3)
  expect(alice.statuses(sent?.key.id)).not.toContain(4)
})

test('quotes, edits, revokes and reactions refer to what they mean', async () => {
  const { alice, bob } = await pair()
  const first = await alice.socket.sendMessage(bob.pn, { text: 'one' })
  const got = await bob.heardText('one')
  await bob.socket.sendMessage(alice.pn, { text: 'about one' }, { quoted: got })
  const quote = await alice.heardText('about one')
  expect(quote.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(first?.key.id)

  await bob.socket.sendMessage(alice.pn, { react: { text: '👍', key: got.key } })
  const reaction = await alice.heard(({ message }) => message?.reactionMessage?.text === '👍', 'the reaction')
  expect(reaction.message?.reactionMessage?.key).toMatchObject({ id: first?.key.id, fromMe: true })
  await bob.socket.sendMessage(alice.pn, { react: { text: '', key: got.key } })
  await alice.heard(({ message }) => message?.reactionMessage?.text === '', 'the end of the reaction')

  if (first === undefined) throw new Error('nothing was sent')
  await alice.socket.sendMessage(bob.pn, { text: 'one, corrected', edit: first.key })
  await bob.saw('messages.update', (updates) =>
    updates.some(
      ({ key, update }) =>
        key.id === first.key.id &&
        update.message?.editedMessage?.message?.extendedTextMessage?.text === 'one, corrected',
    ),
  )
  await alice.socket.sendMessage(bob.pn, { delete: first.key })
  await bob.saw('messages.update', (updates) =>
    updates.some(({ key, update }) => key.id === first.key.id && update.message === null),
  )
})

test('a poll arrives with its secret, and an encrypted vote is read with it', async () => {
  const { alice, bob } = await pair()
  const poll = await alice.socket.sendMessage(bob.pn, {
    poll: { name: 'Tea?', values: ['yes', 'no'], selectableCount: 1 },
  })
  const got = await bob.heard(({ message }) => pollOf(message) !== undefined, 'the poll')
  expect(pollOf(got.message)?.options?.map(({ optionName }) => optionName)).toEqual(['yes', 'no'])
  const secret = got.message?.messageContextInfo?.messageSecret ?? new Uint8Array()
  const ids = { pollMsgId: poll?.key.id ?? '', pollCreatorJid: alice.pn, voterJid: bob.pn }
  const selectedOptions = [createHash('sha256').update('yes').digest()]
  const vote = sealedVote(proto.Message.PollVoteMessage.encode({ selectedOptions }).finish(), secret, ids)
  const pollUpdateMessage = { pollCreationMessageKey: got.key, vote, senderTimestampMs: Date.now() }
  await bob.socket.relayMessage(alice.pn, { pollUpdateMessage }, {})
  const cast = await alice.heard(({ message }) => message?.pollUpdateMessage?.vote, 'the vote')
  const opened = decryptPollVote(cast.message?.pollUpdateMessage?.vote ?? {}, { ...ids, pollEncKey: secret })
  expect(Buffer.from(opened.selectedOptions?.[0] ?? [])).toEqual(selectedOptions[0])
})

test('typing and presence are seen by who asked', async () => {
  const { alice, bob } = await pair()
  await alice.socket.presenceSubscribe(bob.pn)
  await bob.socket.sendPresenceUpdate('composing', alice.pn)
  await alice.saw('presence.update', ({ presences }) => presences[bob.pn]?.lastKnownPresence === 'composing')
  await bob.socket.sendPresenceUpdate('recording', alice.pn)
  await alice.saw('presence.update', ({ presences }) => presences[bob.pn]?.lastKnownPresence === 'recording')
  await bob.client.stop()
  const left = await alice.saw(
    'presence.update',
    ({ presences }) => presences[bob.pn]?.lastKnownPresence === 'unavailable',
  )
  expect(left.presences[bob.pn]?.lastSeen).toBeGreaterThan(1_600_000_000)
})

test('300 messages wait for who is away, and come in order', async () => {
  const { alice, bob } = await pair()
  await alice.socket.sendMessage(bob.pn, { text: 'before' })
  await bob.heardText('before')
  await bob.client.stop()
  const texts = Array.from({ length: 300 }, (_, i) => `while away ${i}`)
  for (const text of texts) await alice.socket.sendMessage(bob.pn, { text })
  await bob.client.open()
  await bob.heardText('while away 299')
  expect(bob.client.texts).toEqual(['before', ...texts])
  await bob.client.stop()
  await bob.client.open()
  await alice.socket.sendMessage(bob.pn, { text: 'last' })
  await bob.heardText('last')
  expect(bob.client.texts).toHaveLength(302)
}, 60_000)

test('a conversation goes on when its people are shown under LIDs', async () => {
  const { town, alice, bob } = await pair()
  await alice.socket.sendMessage(bob.pn, { text: 'by number' })
  expect((await bob.heardText('by number')).key.remoteJid).toBe(alice.pn)
  town.world.switches.addressing = 'lid'
  await alice.socket.sendMessage(bob.pn, { text: 'by lid' })
  const got = await bob.heardText('by lid')
  expect(got.key).toMatchObject({ remoteJid: alice.lid, remoteJidAlt: alice.pn, addressingMode: 'lid' })
  await bob.socket.sendMessage(alice.lid, { text: 'answer' })
  expect((await alice.heardText('answer')).key).toMatchObject({ remoteJid: bob.lid, remoteJidAlt: bob.pn })
})

test('without the other address in the stanza, it is learned later', async () => {
  const town = await Town.start({ switches: { addressing: 'lid', tellsOtherAddress: false } })
  const alice = await town.person('111', 'Alice')
  const bob = await town.person('222', 'Bob')
  await alice.socket.sendMessage(bob.pn, { text: 'who am I?' })
  const got = await bob.heardText('who am I?')
  expect(got.key).toMatchObject({ remoteJid: alice.lid, remoteJidAlt: undefined })
  const { lidMapping } = bob.socket.signalRepository
  expect(await lidMapping.getPNForLID(alice.lid)).toBeNull()
  await bob.socket.sendMessage(alice.pn, { text: 'you are 111' })
  await alice.heardText('you are 111')
  expect(await lidMapping.getPNForLID(alice.lid)).toBe('111:0@s.whatsapp.net')
})

type PollIds = { pollMsgId: string; pollCreatorJid: string; voterJid: string }

const pollOf = (message: proto.IMessage | null | undefined) =>
  message?.pollCreationMessage ??
  message?.pollCreationMessageV2 ??
  message?.pollCreationMessageV3 ??
  undefined

/** A vote as WhatsApp encrypts it: a key of the poll's secret, its id, its creator and the voter. */
function sealedVote(vote: Uint8Array, secret: Uint8Array, { pollMsgId, pollCreatorJid, voterJid }: PollIds) {
  const sign = Buffer.concat([
    Buffer.from(`${pollMsgId}${pollCreatorJid}${voterJid}Poll Vote`),
    Buffer.from([1]),
  ])
  const inner = createHmac('sha256', Buffer.alloc(32)).update(secret).digest()
  const key = createHmac('sha256', inner).update(sign).digest()
  const encIv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, encIv)
  cipher.setAAD(Buffer.from(`${pollMsgId}\u0000${voterJid}`))
  return { encIv, encPayload: Buffer.concat([cipher.update(vote), cipher.final(), cipher.getAuthTag()]) }
}
