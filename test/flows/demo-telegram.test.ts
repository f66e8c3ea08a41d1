import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/demo/board.ts'
import type { Conversation, Item } from '../../src/demo/item.ts'
import { DemoPage, isDelivered, saying } from '../support/demo-page.ts'

/** The smallest picture. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A conversation of Telegram on both sides. */
type Pair = { room: Conversation; place: Conversation }

let page: DemoPage

beforeAll(async () => {
  page = await DemoPage.open()
})

afterAll(() => page.stop())

function pairIn({ matrix, telegram: places }: Snapshot, kind: Conversation['kind']): Pair {
  const place = places.find((each) => each.kind === kind)
  const room = matrix.find(({ twin }) => twin === place?.id)
  if (place === undefined || room === undefined) throw new Error(`no ${kind} of Telegram`)
  return { room, place }
}

const telegram = async (kind: Conversation['kind']) => pairIn(await page.snapshot(), kind)

const crossed = <T>(kind: Conversation['kind'], what: string, find: (pair: Pair) => T | undefined) =>
  page.eventually(what, (now) => find(pairIn(now, kind)))

test('what was said on Telegram before the login is there, under the names of each side', async () => {
  const { room, place } = await telegram('dm')
  expect([room.name, place.name]).toEqual(['Robin next door', 'Alice'])
  expect(room.items.filter(({ kind }) => kind === 'text').map(({ from }) => from)).toEqual([
    'Robin next door',
  ])
  expect(place.items.map(({ from }) => from)).toEqual(['Robin Park'])
  const group = await crossed('group', 'the history of the group', (pair) => {
    const answer = pair.room.items.find(({ reply }) => reply !== undefined)
    return answer?.reactions.length === 1 ? { answer, name: pair.room.name } : undefined
  })
  expect(group.name).toBe('Book club')
  expect(group.answer.html).toContain('<em>The Bridge of San Luis Rey</em>')
  expect(group.answer.reply).toEqual({ from: 'Mia Chen', text: 'Which book is next?' })
  expect((await telegram('topic')).room.items.some(saying('The tulips go in on Saturday.'))).toBe(true)
})

const WHO = { dm: 'Robin Park', group: 'Mia Chen', topic: 'Mia Chen' } as const

describe.each(['dm', 'group', 'topic'] as const)('Telegram, %s', (kind) => {
  const who = WHO[kind]

  test('formatted text crosses in both directions', async () => {
    const { room: from, place: to } = await telegram(kind)
    await page.act('matrix/send', { room: from.id, text: 'dear **all** <script>' })
    await page.act('telegram/say', { place: to.id, who, text: 'dear *Alice* & ||you|| <script>' })
    const [there, here] = await crossed(kind, 'both texts', ({ room, place }) => {
      const mine = room.items.find(saying('dear **all** <script>'))
      const theirs = place.items.find(saying('dear Alice & you <script>'))
      const got = place.items.find(saying('dear all <script>'))
      const came = room.items.find(saying('dear Alice & you <script>'))
      return isDelivered(mine) && isDelivered(theirs) && got && came ? [got, came] : undefined
    })
    expect([there.from, there.html]).toEqual(['Alice', 'dear <strong>all</strong> &lt;script&gt;'])
    expect(here.html).toContain('<em>Alice</em> &amp; <span data-mx-spoiler')
    expect(here.html).not.toContain('<script')
  })

  test('a reply, an edit, a reaction and a deletion of Alice cross, each with its delivery', async () => {
    const { room: from, place: to } = await telegram(kind)
    await page.act('telegram/say', { place: to.id, who, text: 'which colour?' })
    const question = await crossed(kind, 'the question', ({ room }) =>
      room.items.find(saying('which colour?')),
    )
    await page.act('matrix/react', { room: from.id, event: question.id, key: '🎉' })
    const { event } = await page.act('matrix/send', { room: from.id, text: 'bleu', replyTo: question.id })
    await page.act('matrix/send', { room: from.id, text: 'blue', edit: event })
    const wrong = await page.act('matrix/send', { room: from.id, text: `a slip in the ${kind}` })
    await crossed(kind, 'the slip', ({ place }) => place.items.find(saying(`a slip in the ${kind}`)))
    await page.act('matrix/redact', { room: from.id, event: wrong.event })
    const answer = await crossed(kind, 'all of it', ({ room, place }) => {
      const asked = room.items.find(({ id }) => id === question.id)
      const put = place.items.find(saying('which colour?'))?.reactions.some(({ by }) => by.includes('Alice'))
      const edited = isDelivered(
        room.items.find(({ id }) => id === event),
        'edit',
      )
      const gone = isDelivered(
        room.items.find(({ id }) => id === wrong.event),
        'deletion',
      )
      const left = place.items.some(saying(`a slip in the ${kind}`))
      const found = place.items.find(saying('blue'))
      return isDelivered(asked, '🎉') && put === true && edited && gone && !left ? found : undefined
    })
    expect(answer).toMatchObject({ edited: true, reply: { from: who, text: 'which colour?' } })
    await page.act('matrix/react', { room: from.id, event: question.id, key: '🎉' })
    await crossed(kind, 'the reaction to be taken back', ({ place }) =>
      place.items.find((item) => item.text === 'which colour?' && item.reactions.length === 0),
    )
  })

  test('a reply, an edit, a reaction and a deletion from there cross, each with its delivery', async () => {
    const { room: from, place: to } = await telegram(kind)
    await page.act('matrix/send', { room: from.id, text: 'and which shape?' })
    const question = await crossed(kind, 'the question', ({ place }) =>
      place.items.find(saying('and which shape?')),
    )
    const at = { place: to.id, who }
    await page.act('telegram/react', { ...at, item: question.id, key: '❤️' })
    await page.act('telegram/say', { ...at, text: 'ruond', replyTo: question.id })
    const said = await crossed(kind, 'the answer', ({ room, place }) =>
      room.items.some(saying('ruond')) ? place.items.find(saying('ruond')) : undefined,
    )
    await page.act('telegram/edit', { ...at, item: said.id, text: '**round**' })
    await page.act('telegram/say', { ...at, text: 'no, square' })
    const second = await crossed(kind, 'the second answer', ({ room, place }) =>
      room.items.some(saying('no, square')) ? place.items.find(saying('no, square')) : undefined,
    )
    await page.act('telegram/redact', { ...at, item: second.id })
    const answer = await crossed(kind, 'all of it', ({ room, place }) => {
      const asked = room.items.find(saying('and which shape?'))
      const hearts = asked?.reactions.filter(({ key }) => key.startsWith('❤')).length
      const reacted = isDelivered(
        place.items.find(({ id }) => id === question.id),
        'reaction',
      )
      const edited = isDelivered(
        place.items.find(({ id }) => id === said.id),
        'edit',
      )
      const left = place.items.some(saying('no, square')) || room.items.some(saying('no, square'))
      const found = room.items.find(saying('round'))
      return hearts === 1 && reacted && edited && !left && found?.edited === true ? found : undefined
    })
    expect(answer.html).toContain('<strong>round</strong>')
    expect(answer.reply?.text).toBe('and which shape?')
    await page.act('telegram/react', { ...at, item: question.id, key: '❤️' })
    await crossed(kind, 'the reaction to be taken back', ({ room }) =>
      room.items.find((item) => item.text === 'and which shape?' && item.reactions.length === 0),
    )
  })

  test('who types is shown on the other side', async () => {
    const { room: from, place: to } = await telegram(kind)
    await page.act('telegram/typing', { place: to.id, who, typing: true })
    await crossed(kind, 'somebody to type on Telegram', ({ room }) =>
      room.typing.length > 0 ? true : undefined,
    )
    await page.act('matrix/typing', { room: from.id, typing: true })
    await crossed(kind, 'Alice to type', ({ place }) => (place.typing.includes('Alice') ? true : undefined))
    await page.act('matrix/typing', { room: from.id, typing: false })
    await crossed(kind, 'Alice to stop', ({ place }) => (place.typing.includes('Alice') ? undefined : true))
  })

  test('polls of both sides take votes from both sides, and end', async () => {
    const { room: from, place: to } = await telegram(kind)
    const { event } = await page.act('matrix/poll', {
      room: from.id,
      question: 'Tea?',
      options: ['Yes', 'No'],
    })
    await page.act('telegram/poll', { place: to.id, who, question: 'Cake?', options: ['Plum', 'Nut'] })
    const there = await crossed(kind, 'the poll of Alice', ({ place }) =>
      place.items.find(({ poll }) => poll?.question === 'Tea?'),
    )
    const here = await crossed(kind, 'the poll from Telegram', ({ room }) =>
      room.items.find(({ poll }) => poll?.question === 'Cake?'),
    )
    const cake = await crossed(kind, 'it there', ({ place }) =>
      place.items.find(({ poll }) => poll?.question === 'Cake?'),
    )
    const nut = here.poll?.options[1]?.id
    await page.act('matrix/vote', { room: from.id, event: here.id, option: nut })
    await page.act('telegram/vote', { place: to.id, who, item: cake.id, option: '0' })
    await page.act('matrix/vote', { room: from.id, event, option: 'option-1' })
    await page.act('telegram/vote', { place: to.id, who, item: there.id, option: '1' })
    const votes = (item: Item | undefined) => item?.poll?.options.map((option) => option.votes).join()
    await crossed(kind, 'two votes in each poll on each side', ({ room, place }) => {
      const of = (id: string) => votes([...room.items, ...place.items].find((item) => item.id === id))
      return [event, there.id, here.id, cake.id].every((id) => of(id) === '1,1') ? true : undefined
    })
    await page.act('matrix/end', { room: from.id, event })
    await page.act('telegram/end', { place: to.id, who, item: cake.id })
    await crossed(kind, 'both ends', ({ room, place }) => {
      const over = (id: string) => [...room.items, ...place.items].find((item) => item.id === id)?.poll?.ended
      return over(there.id) === true && over(here.id) === true ? true : undefined
    })
  })

  test('a picture with its caption, a voice message and a sticker cross in both directions', async () => {
    const { room: from, place: to } = await telegram(kind)
    for (const [side, target] of [
      ['matrix', from.id],
      ['telegram', to.id],
    ] as const) {
      const fields = { to: target, who, name: 'dot.png', caption: `a *dot* of ${side}` }
      await page.attach(side, fields, 'image/png', DOT)
    }
    for (const what of ['voice', 'sticker'] as const) {
      await page.act('matrix/sample', { room: from.id, what })
      await page.act(`telegram/${what}`, { place: to.id, who })
    }
    const kinds = ['image', 'voice', 'sticker']
    const of = ({ items }: Conversation, mine: boolean) =>
      kinds.map((each) => items.find((item) => item.kind === each && (item.from === 'Alice') === mine))
    const [there, here] = await crossed(kind, 'all files', ({ room, place }) => {
      const [fromAlice, fromThem] = [of(place, true), of(room, false)]
      const sent = [...of(room, true), ...of(place, false)].every((item) => isDelivered(item))
      return sent && [...fromAlice, ...fromThem].every(Boolean) ? [fromAlice, fromThem] : undefined
    })
    expect(there[0]?.html).toBe('a <em>dot</em> of matrix')
    expect(here[0]?.html).toContain('a <em>dot</em> of telegram')
    for (const items of [there, here]) {
      expect(items[1]?.media?.waveform?.some((height) => height > 500)).toBe(true)
      const types = ['image/png', 'audio/ogg', 'image/webp']
      for (const [i, item] of items.entries()) {
        const shown = await fetch(new URL(item?.media?.url ?? '', page.url))
        expect([kinds[i], shown.headers.get('content-type')]).toEqual([kinds[i], types[i]])
        if (i === 0) expect(Buffer.from(await shown.arrayBuffer())).toEqual(DOT)
      }
    }
  })

  test('read marks cross: two ticks', async () => {
    const { room: from, place: to } = await telegram(kind)
    await page.act('telegram/say', { place: to.id, who: 'Robin Park', text: `seen in the ${kind}?` })
    const got = await crossed(kind, 'the question', ({ room }) =>
      room.items.find(saying(`seen in the ${kind}?`)),
    )
    await page.act('matrix/read', { room: from.id, event: got.id })
    await crossed(kind, 'that Alice has read it', ({ place }) =>
      place.items.find(({ text, readBy }) => text === got.text && readBy?.includes('Alice') === true),
    )
  })
})

test('a direct chat tells Alice when she was read', async () => {
  const { room: from, place: to } = await telegram('dm')
  const { event } = await page.act('matrix/send', { room: from.id, text: 'have you seen this?' })
  const got = await crossed('dm', 'the question', ({ room, place }) =>
    isDelivered(room.items.find(({ id }) => id === event))
      ? place.items.find(saying('have you seen this?'))
      : undefined,
  )
  expect((await telegram('dm')).room.items.find(({ id }) => id === event)?.readBy).toEqual([])
  await page.act('telegram/read', { place: to.id, who: 'Robin Park', item: got.id })
  await crossed('dm', 'that Robin has read it', ({ room }) =>
    room.items.find(({ id, readBy }) => id === event && readBy?.join() === 'Robin next door'),
  )
})

test('nobody can do on Telegram what Telegram does not allow, and is told', async () => {
  const { place: to } = await telegram('group')
  const [first] = to.items.filter(({ kind }) => kind === 'text')
  const at = { place: to.id, item: first?.id }
  expect((await page.send('telegram/edit', { ...at, who: 'Robin Park', text: 'not mine' })).status).toBe(400)
  expect((await page.send('telegram/react', { ...at, who: 'Alice', key: '👍' })).status).toBe(409)
  expect((await page.send('telegram/say', { place: 'user:1', who: 'Robin Park', text: 'hi' })).status).toBe(
    409,
  )
  expect((await page.send('irc/attach', {})).status).toBe(409)
})

test('what happens while Telegram is away arrives after, once and in order', async () => {
  const { room: from, place: to } = await telegram('group')
  await page.act('outage', { kind: 'telegram', ms: 1_500 })
  const { status } = await page.snapshot()
  expect(status.connections.filter(({ side }) => side === 'telegram').map(({ state }) => state)).toEqual([
    'cut',
  ])
  const mine = ['north', 'east', 'south']
  const theirs = ['up', 'down']
  for (const text of mine) await page.act('matrix/send', { room: from.id, text })
  for (const text of theirs) await page.act('telegram/say', { place: to.id, who: 'Robin Park', text })
  await crossed('group', 'a waiting message', ({ room }) =>
    room.items.find(saying('north'))?.chips.find(({ state }) => state !== 'delivered'),
  )
  const { there, here } = await crossed('group', 'all of it', ({ room, place }) => {
    const sent = room.items.filter(({ text }) => mine.includes(text))
    const came = room.items.filter(({ text }) => theirs.includes(text))
    const got = place.items.filter(({ text }) => mine.includes(text))
    return sent.every((item) => isDelivered(item)) && came.length >= 2 && got.length >= 3
      ? { there: got, here: came }
      : undefined
  })
  expect(there.map(({ text }) => text)).toEqual(mine)
  expect(here.map(({ text }) => text)).toEqual(theirs)
})

test('what is said on Telegram while the homeserver is down waits for it', async () => {
  const { place: to } = await telegram('dm')
  await page.act('outage', { kind: 'homeserver', ms: 1_000 })
  for (const text of ['ready', 'steady'])
    await page.act('telegram/say', { place: to.id, who: 'Robin Park', text })
  const arrived = await crossed('dm', 'both', ({ room }) => {
    const items = room.items.filter(({ text }) => text === 'ready' || text === 'steady')
    return items.length >= 2 ? items : undefined
  })
  expect(arrived.map(({ text }) => text)).toEqual(['ready', 'steady'])
})

test('ten lines each way keep their order on both sides', async () => {
  const { room: from, place: to } = await telegram('topic')
  await page.act('burst', { room: from.id, side: 'telegram', place: to.id })
  const isLine = ({ text }: Item) => /^line \d+ of 10$/.test(text)
  const numbers = (items: Item[], own: boolean) =>
    items
      .filter((item) => isLine(item) && (item.from === 'Alice') === own)
      .map(({ text }) => text.split(' ')[1])
  const { room, place } = await crossed('topic', 'all lines', (pair) =>
    [pair.room, pair.place].every(({ items }) => items.filter(isLine).length >= 20) ? pair : undefined,
  )
  const order = Array.from({ length: 10 }, (_, i) => String(i + 1))
  for (const { items } of [room, place])
    for (const own of [true, false]) expect(numbers(items, own)).toEqual(order)
})
