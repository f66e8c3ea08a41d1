import { expect, test } from 'vitest'
import { exchange, textsOf } from './exchange.ts'
import type { Exchange } from './exchange.ts'

/** New messages that Alice's client was told of. */
const heard = ({ updates }: Exchange): string[] =>
  updates.flatMap((update) => {
    const isNew = update._ === 'updateNewMessage' || update._ === 'updateNewChannelMessage'
    return isNew && update.message._ === 'message' ? [update.message.message] : []
  })

test('short forms of pushes and replies are understood by both', async () => {
  const all = await exchange({ shortPushes: true, shortReplies: true })
  const { tg, alice, bob, mt, gj } = all
  const sent = await mt.sendText('bobby', 'one')
  expect(sent.id).toBe(tg.view(alice, bob)[0]?.id)
  const answer = await gj.sendMessage('alice', { message: 'two' })
  expect(answer.id).toBe(tg.view(bob, alice)[1]?.id)
  const group = tg.group({ title: 'G', members: [bob, alice] })
  tg.say(bob, group, 'three')
  await expect.poll(() => heard(all)).toEqual(['two', 'three'])
  expect(textsOf(await mt.getHistory('bobby'))).toEqual(['one', 'two'])
})

test.each(['replay', 'inProgressOnce'] as const)(
  'an answer that was lost with the session: sent once, and known by its number (%s)',
  async (duplicate) => {
    const { wire, tg, alice, bob, mt } = await exchange({ duplicate })
    await mt.sendText('bobby', 'before')
    wire.faults.kill({
      method: 'messages.sendMessage',
      userId: alice.id,
      when: 'after',
      call: 1,
      forget: true,
    })
    const sent = await mt.sendText('bobby', 'once')
    expect(tg.count(bob, alice, ({ text }) => text === 'once')).toBe(1)
    expect(sent.id).toBe(tg.view(alice, bob)[1]?.id)
    const calls = wire.journal.calls({ method: 'messages.sendMessage', userId: alice.id }).slice(1)
    expect(calls[0]?.outcome).toBe('killed')
    expect(calls.length).toBeGreaterThan(1)
    expect(new Set(calls.map(({ args }) => args['random_id'])).size).toBe(1)
  },
)

test.each(['dropPush', 'duplicatePush', 'reorderPush'] as const)(
  'after %s everything has been heard once and in order, in both kinds of boxes',
  async (fault) => {
    const all = await exchange()
    const { wire, tg, alice, bob } = all
    const group = tg.supergroup({ title: 'G', members: [bob, alice] })
    for (const chat of [alice, group]) tg.say(bob, chat, 'first')
    await expect.poll(() => heard(all)).toEqual(['first', 'first'])
    for (const chat of [alice, group]) {
      const letter = chat === alice ? 'd' : 'g'
      if (fault === 'reorderPush') wire.faults.reorderPush(alice.id)
      else wire.faults[fault](1, alice.id)
      for (let i = 1; i <= 4; i++) tg.say(bob, chat, `${letter}${i}`)
    }
    await expect.poll(() => heard(all).length, { timeout: 10_000 }).toBe(10)
    const of = (letter: string) => heard(all).filter((text) => text.startsWith(letter))
    expect([of('d'), of('g')]).toEqual([
      ['d1', 'd2', 'd3', 'd4'],
      ['g1', 'g2', 'g3', 'g4'],
    ])
  },
)

test('a media that has to be sent again after a lost part and after a flood wait', async () => {
  const { tg, alice, bob, gj, mt } = await exchange()
  tg.flood('messages.sendMessage', 2, { times: 1, userId: alice.id })
  await expect(mt.withParams({ floodSleepThreshold: 0 }).sendText('bobby', 'x')).rejects.toMatchObject({
    seconds: 2,
  })
  tg.refuse('messages.sendMedia', 400, 'FILE_PART_0_MISSING')
  const send = () => mt.sendMedia('bobby', { type: 'document', file: Buffer.from('file'), fileName: 'a.txt' })
  await expect(send()).rejects.toThrow('FILE_PART')
  await send()
  expect(tg.view(bob, alice).map(({ media }) => media?.kind)).toEqual(['document'])
  tg.expireFileReferences()
  const [got] = await gj.getMessages('alice', { limit: 1 })
  expect(Buffer.from(((await got?.downloadMedia()) as Uint8Array | undefined) ?? []).toString()).toBe('file')
})
