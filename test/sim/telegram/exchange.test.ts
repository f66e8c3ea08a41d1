import { CustomFile } from 'telegram/client/uploads.js'
import { Api } from 'telegram'
import { expect, test } from 'vitest'
import { gramLong } from './clients/gram.ts'
import { exchange, textsOf } from './exchange.ts'

const bytesOf = async (data: unknown): Promise<string> => {
  const value = await data
  return value instanceof Uint8Array ? Buffer.from(value).toString() : ''
}

test('texts, formatting, edits and removals', async () => {
  const { tg, alice, bob, mt, gj } = await exchange()
  const sent = await mt.sendText('bobby', {
    text: 'bold move',
    entities: [{ _: 'messageEntityBold', offset: 0, length: 4 }],
  })
  const [got] = await gj.getMessages('alice', { limit: 1 })
  expect([got?.message, got?.entities?.[0]?.className]).toEqual(['bold move', 'MessageEntityBold'])
  await gj.sendMessage('alice', { message: '<i>an answer</i>', parseMode: 'html', replyTo: got?.id ?? 0 })
  const history = await mt.getHistory('bobby')
  expect(textsOf(history)).toEqual(['bold move', 'an answer'])
  expect(history[0]?.entities[0]?.kind).toBe('italic')
  expect(history[0]?.replyToMessage?.id).toBe(sent.id)
  await mt.editMessage({ chatId: 'bobby', message: sent.id, text: 'new move' })
  await gj.editMessage('alice', { message: tg.view(bob, alice)[1]?.id ?? 0, text: 'a new answer' })
  expect(textsOf(await mt.getHistory('bobby'))).toEqual(['new move', 'a new answer'])
  expect([...(await gj.getMessages('alice', {}))].map(({ message }) => message)).toEqual([
    'a new answer',
    'new move',
  ])
  await mt.deleteMessagesById('bobby', [sent.id], { revoke: true })
  await gj.deleteMessages('alice', [tg.view(bob, alice)[0]?.id ?? 0], { revoke: true })
  expect([tg.view(alice, bob), tg.view(bob, alice)]).toEqual([[], []])
})

test('what one client does, the other one is told live', async () => {
  const { tg, alice, bob, mt, gj, events, told } = await exchange({ directFromId: 'never' })
  await gj.sendMessage('alice', { message: 'hello' })
  await told('updateNewMessage', { message: expect.objectContaining({ message: 'hello' }) })
  const id = tg.view(alice, bob)[0]?.id ?? 0
  await mt.readHistory('bobby', { maxId: id })
  await mt.sendTyping('bobby', 'typing')
  await mt.sendText('bobby', 'hi')
  await expect.poll(() => events.map(({ className }) => className)).toContain('UpdateReadHistoryOutbox')
  await expect.poll(() => events.map(({ className }) => className)).toContain('UpdateUserTyping')
  await gj.markAsRead('alice')
  await gj.invoke(new Api.messages.SetTyping({ peer: 'alice', action: new Api.SendMessageTypingAction() }))
  await told('updateReadHistoryOutbox')
  await told('updateUserTyping')
  await gj.editMessage('alice', { message: tg.view(bob, alice)[0]?.id ?? 0, text: 'hello again' })
  await told('updateEditMessage', { message: expect.objectContaining({ message: 'hello again' }) })
  await gj.deleteMessages('alice', [tg.view(bob, alice)[0]?.id ?? 0], { revoke: true })
  await told('updateDeleteMessages', { messages: [id] })
})

test('pictures, files and albums, up and down', async () => {
  const { tg, alice, bob, mt, gj } = await exchange()
  const picture = Buffer.from('a picture of mtcute')
  await mt.sendMedia('bobby', { type: 'photo', file: picture, fileName: 'a.jpg' }, { caption: 'look' })
  const [photo] = await gj.getMessages('alice', { limit: 1 })
  expect(photo?.message).toBe('look')
  expect(await bytesOf(photo?.downloadMedia())).toBe('a picture of mtcute')
  const text = Buffer.from('a file of GramJS')
  const file = new CustomFile('note.txt', text.length, '', text)
  await gj.sendFile('alice', { file, caption: 'read', forceDocument: true })
  const [message] = await mt.getHistory('bobby', { limit: 1 })
  const { media } = message ?? {}
  if (media?.type !== 'document') throw new Error(`no document: ${media?.type}`)
  expect([message?.text, media.fileName]).toEqual(['read', 'note.txt'])
  expect(Buffer.from(await mt.downloadAsBuffer(media)).toString()).toBe('a file of GramJS')
  const one = (name: string) => ({ type: 'photo' as const, file: Buffer.from(name), fileName: name })
  await mt.sendMediaGroup('bobby', [{ ...one('1.jpg'), caption: 'both' }, one('2.jpg')])
  const album = (await gj.getMessages('alice', { limit: 2 })).toReversed()
  expect(album.map(({ message: caption }) => caption)).toEqual(['both', ''])
  expect(new Set(album.map(({ groupedId }) => groupedId?.toString())).size).toBe(1)
  const files = ['3', '4'].map((name) => new CustomFile(`${name}.txt`, 1, '', Buffer.from(name)))
  await gj.sendFile('alice', { file: files, forceDocument: true, caption: ['one', 'two'] })
  expect(
    tg
      .view(alice, bob)
      .slice(-2)
      .map(({ text: caption }) => caption),
  ).toEqual(['one', 'two'])
})

test('a large file in both directions', async () => {
  const { mt, gj } = await exchange()
  const bytes = Buffer.alloc(11 * 1024 * 1024, 'telegram')
  await mt.sendMedia('bobby', {
    type: 'document',
    file: bytes,
    fileName: 'large.bin',
    fileMime: 'application/x-large',
  })
  const [got] = await gj.getMessages('alice', { limit: 1 })
  const down = await got?.downloadMedia()
  expect(down instanceof Uint8Array && bytes.equals(down)).toBe(true)
  await gj.sendFile('alice', {
    file: new CustomFile('back.bin', bytes.length, '', bytes),
    forceDocument: true,
  })
  const [message] = await mt.getHistory('bobby', { limit: 1 })
  if (message?.media?.type !== 'document') throw new Error('no document')
  expect(bytes.equals(await mt.downloadAsBuffer(message.media))).toBe(true)
})

test('reactions, also taken back', async () => {
  const { tg, alice, bob, mt, gj, told } = await exchange()
  const post = tg.say(bob, alice, 'joke')
  const hers = tg.say(alice, bob, 'another')
  await mt.sendReaction({ chatId: 'bobby', message: post.idFor(alice), emoji: '🔥' })
  const react = (emoticons: string[]) =>
    gj.invoke(
      new Api.messages.SendReaction({
        peer: 'alice',
        msgId: hers.idFor(bob),
        reaction: emoticons.map((emoticon) => new Api.ReactionEmoji({ emoticon })),
      }),
    )
  await react(['👍'])
  await told('updateMessageReactions', { msgId: hers.idFor(alice) })
  const [reacted] = await gj.getMessages('alice', { ids: [post.idFor(bob)] })
  expect(reacted?.reactions?.results).toMatchObject([{ count: 1, reaction: { emoticon: '🔥' } }])
  const [reactions] = await mt.getMessageReactionsById('bobby', [hers.idFor(alice)])
  expect(reactions?.reactions).toMatchObject([{ emoji: '👍', count: 1 }])
  await mt.sendReaction({ chatId: 'bobby', message: post.idFor(alice), emoji: null })
  await react([])
  expect(tg.view(alice, bob).map((seen) => seen.reactions)).toEqual([[], []])
})

test('polls and quizzes of each client, with votes of the other', async () => {
  const { tg, alice, bob, mt, gj, told } = await exchange()
  const sent = await mt.sendMedia('bobby', {
    type: 'poll',
    question: 'Tea?',
    answers: ['yes', 'no'],
    public: true,
  })
  const seen = () => tg.view(alice, bob).at(-1)?.poll
  const vote = (option: Uint8Array | undefined) =>
    gj.invoke(
      new Api.messages.SendVote({
        peer: 'alice',
        msgId: tg.view(bob, alice).at(-1)?.id ?? 0,
        options: option === undefined ? [] : [Buffer.from(option)],
      }),
    )
  await vote(seen()?.answers[1]?.option)
  await told('updateMessagePoll', { results: expect.objectContaining({ totalVoters: 1 }) })
  await vote(seen()?.answers[0]?.option)
  expect(seen()?.answers.map(({ voters }) => voters)).toEqual([1, 0])
  await mt.sendVote({ chatId: 'bobby', message: sent.id, options: [0] })
  expect((await mt.closePoll({ chatId: 'bobby', message: sent.id })).isClosed).toBe(true)
  await expect(vote(seen()?.answers[1]?.option)).rejects.toThrow('MESSAGE_POLL_CLOSED')
  const text = (value: string) => new Api.TextWithEntities({ text: value, entities: [] })
  const poll = new Api.Poll({
    id: gramLong(0n),
    quiz: true,
    question: text('2 + 2?'),
    answers: ['3', '4'].map(
      (value, i) => new Api.PollAnswer({ text: text(value), option: Buffer.from([65 + i]) }),
    ),
  })
  const media = new Api.InputMediaPoll({ poll, correctAnswers: [Buffer.from([66])] })
  await gj.invoke(new Api.messages.SendMedia({ peer: 'alice', media, message: '', randomId: gramLong(5n) }))
  const quiz = tg.view(alice, bob).at(-1)
  const voted = await mt.sendVote({ chatId: 'bobby', message: quiz?.id ?? 0, options: [0] })
  expect(voted.answers.map(({ chosen, correct }) => [chosen, correct])).toEqual([
    [true, false],
    [false, true],
  ])
  await expect(mt.sendVote({ chatId: 'bobby', message: quiz?.id ?? 0, options: [1] })).rejects.toThrow(
    'REVOTE_NOT_ALLOWED',
  )
})

test('forwards, pins, replies with quotes, places and contacts', async () => {
  const { tg, alice, bob, carol, mt, gj, told } = await exchange()
  tg.say(bob, alice, 'the whole truth')
  const [truth] = await mt.getHistory('bobby')
  const quote = { text: 'whole', entities: [] }
  await mt.sendText('bobby', 'indeed', { replyTo: truth?.id ?? 0, quote, quoteOffset: 4 })
  await mt.forwardMessagesById({ fromChatId: 'bobby', messages: [truth?.id ?? 0], toChatId: 'carol' })
  expect(tg.view(alice, carol).map(({ text, forwardedFrom }) => [text, forwardedFrom])).toEqual([
    ['the whole truth', bob],
  ])
  expect(tg.view(bob, alice)[1]?.quote).toBe('whole')
  const [got] = await gj.getMessages('alice', { limit: 1 })
  expect(got?.replyTo?.replyToMsgId).toBe(tg.view(bob, alice)[0]?.id)
  await gj.forwardMessages('carol', { messages: [got?.id ?? 0], fromPeer: 'alice' })
  await gj.pinMessage('alice', got?.id ?? 0)
  await told('updatePinnedMessages', { pinned: true, messages: [2] })
  expect(tg.view(alice, bob)[1]?.pinned).toBe(true)
  await mt.unpinMessage({ chatId: 'bobby', message: 2 })
  expect(tg.view(bob, alice)[1]?.pinned).toBe(false)
  await mt.sendMedia('bobby', { type: 'geo', latitude: 1.5, longitude: 2.5 })
  const [place] = await gj.getMessages('alice', { limit: 1 })
  expect(place?.media?.className).toBe('MessageMediaGeo')
  await gj.sendFile('alice', {
    file: new Api.InputMediaContact({ phoneNumber: '300', firstName: 'Carol', lastName: '', vcard: '' }),
  })
  expect((await mt.getHistory('bobby', { limit: 1 }))[0]?.media?.type).toBe('contact')
})
