import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/demo/board.ts'
import type { Conversation, Item } from '../../src/demo/item.ts'
import { DemoPage, isDelivered, saying } from '../support/demo-page.ts'

/** The smallest picture. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A conversation of WhatsApp on both sides. */
type Pair = { room: Conversation; place: Conversation }

let page: DemoPage

beforeAll(async () => {
  page = await DemoPage.open()
  // The page is up before Alice has linked the bridge to her phone.
  await page.eventually('the rooms of WhatsApp', ({ matrix, whatsapp: places }) =>
    places.every(({ id }) => matrix.some(({ twin, items }) => twin === id && items.some(isText)))
      ? true
      : undefined,
  )
})

afterAll(() => page.stop())

const isText = ({ kind }: Item): boolean => kind === 'text'

function pairIn({ matrix, whatsapp: places }: Snapshot, kind: Conversation['kind']): Pair {
  const place = places.find((each) => each.kind === kind)
  const room = matrix.find(({ twin }) => twin === place?.id)
  if (place === undefined || room === undefined) throw new Error(`no ${kind} of WhatsApp`)
  return { room, place }
}

const whatsapp = async (kind: Conversation['kind']) => pairIn(await page.snapshot(), kind)

const crossed = <T>(kind: Conversation['kind'], what: string, find: (pair: Pair) => T | undefined) =>
  page.eventually(what, (now) => find(pairIn(now, kind)))

test('the bridge was linked by a code that is gone from the room', async () => {
  const bot = await page.eventually('the login', ({ matrix }) => {
    const room = matrix.find(({ kind }) => kind === 'bot')
    return room?.items.some(({ text }) => text.includes('You are logged in to WhatsApp')) ? room : undefined
  })
  const typed = bot.items.findLastIndex(({ text }) => text === 'login whatsapp code')
  const after = await page.eventually('the code to be gone', ({ matrix }) => {
    const items = matrix.find(({ kind }) => kind === 'bot')?.items.slice(typed) ?? []
    return items.some(({ redacted }) => redacted) ? items : undefined
  })
  expect(JSON.stringify(after)).not.toMatch(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/)
})

test('what was said on WhatsApp before is there, under the names of each side', async () => {
  // The address book comes beside the history.
  const { room, place } = await crossed('dm', 'the name in the address book', (pair) =>
    pair.room.name === 'Sam from the boat' ? pair : undefined,
  )
  expect(place.name).toBe('Alice')
  expect(room.items.filter(isText).map(({ from }) => from)).toEqual(['Sam from the boat'])
  expect(place.items.map(({ from }) => from)).toEqual(['Sam Okoro'])
  const group = await crossed('group', 'the history of the group', (pair) => {
    const answer = pair.room.items.find(({ reply }) => reply !== undefined)
    const named = pair.room.name === 'Sailing club'
    return answer?.reactions.length === 1 && named ? answer : undefined
  })
  expect(group.html).toContain('the <em>good</em> biscuits')
  expect(group.reply).toEqual({ from: 'Nora Lind', text: 'Who brings the charts?' })
})

const WHO = { dm: 'Sam Okoro', group: 'Nora Lind' } as const

describe.each(['dm', 'group'] as const)('WhatsApp, %s', (kind) => {
  const who = WHO[kind]

  test('formatted text crosses in both directions', async () => {
    const { room: from, place: to } = await whatsapp(kind)
    await page.act('matrix/send', { room: from.id, text: 'dear **all** <script>' })
    await page.act('whatsapp/say', { place: to.id, who, text: 'dear _Alice_ & *you* <script>' })
    const [there, here] = await crossed(kind, 'both texts', ({ room, place }) => {
      const mine = room.items.find(saying('dear **all** <script>'))
      const theirs = place.items.find(saying('dear _Alice_ & *you* <script>'))
      const got = place.items.find(saying('dear *all* <script>'))
      const came = room.items.find(saying('dear _Alice_ & *you* <script>'))
      return isDelivered(mine) && isDelivered(theirs) && got && came ? [got, came] : undefined
    })
    expect([there.from, there.html]).toEqual(['Alice', 'dear <strong>all</strong> &lt;script&gt;'])
    expect(here.html).toBe('dear <em>Alice</em> &amp; <strong>you</strong> &lt;script&gt;')
  })

  test('a reply, an edit, a reaction and a deletion of Alice cross, each with its delivery', async () => {
    const { room: from, place: to } = await whatsapp(kind)
    await page.act('whatsapp/say', { place: to.id, who, text: 'which colour?' })
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
      const left = place.items.some((item) => item.text === `a slip in the ${kind}` && !item.redacted)
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
    const { room: from, place: to } = await whatsapp(kind)
    await page.act('matrix/send', { room: from.id, text: 'and which shape?' })
    const question = await crossed(kind, 'the question', ({ place }) =>
      place.items.find(saying('and which shape?')),
    )
    const at = { place: to.id, who }
    await page.act('whatsapp/react', { ...at, item: question.id, key: '❤️' })
    await page.act('whatsapp/say', { ...at, text: 'ruond', replyTo: question.id })
    const said = await crossed(kind, 'the answer', ({ room, place }) =>
      room.items.some(saying('ruond')) ? place.items.find(saying('ruond')) : undefined,
    )
    await page.act('whatsapp/edit', { ...at, item: said.id, text: '*round*' })
    await page.act('whatsapp/say', { ...at, text: 'no, square' })
    const second = await crossed(kind, 'the second answer', ({ room, place }) =>
      room.items.some(saying('no, square')) ? place.items.find(saying('no, square')) : undefined,
    )
    await page.act('whatsapp/redact', { ...at, item: second.id })
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
      const left = [...place.items, ...room.items].some(
        ({ text, redacted }) => text === 'no, square' && !redacted,
      )
      const found = room.items.find(saying('*round*'))
      return hearts === 1 && reacted && edited && !left && found?.edited === true ? found : undefined
    })
    expect(answer.html).toContain('<strong>round</strong>')
    expect(answer.reply?.text).toBe('and which shape?')
    await page.act('whatsapp/react', { ...at, item: question.id, key: '❤️' })
    await crossed(kind, 'the reaction to be taken back', ({ room }) =>
      room.items.find((item) => item.text === 'and which shape?' && item.reactions.length === 0),
    )
  })

  test('who types is shown on the other side', async () => {
    const { room: from, place: to } = await whatsapp(kind)
    await page.act('whatsapp/typing', { place: to.id, who, typing: true })
    await crossed(kind, 'somebody to type on WhatsApp', ({ room }) =>
      room.typing.length > 0 ? true : undefined,
    )
    await page.act('matrix/typing', { room: from.id, typing: true })
    await crossed(kind, 'Alice to type', ({ place }) => (place.typing.includes('Alice') ? true : undefined))
    await page.act('matrix/typing', { room: from.id, typing: false })
    await crossed(kind, 'Alice to stop', ({ place }) => (place.typing.includes('Alice') ? undefined : true))
  })

  test('polls of both sides take votes from both sides', async () => {
    const { room: from, place: to } = await whatsapp(kind)
    const { event } = await page.act('matrix/poll', {
      room: from.id,
      question: 'Tea?',
      options: ['Yes', 'No'],
    })
    await page.act('whatsapp/poll', { place: to.id, who, question: 'Cake?', options: ['Plum', 'Nut'] })
    const there = await crossed(kind, 'the poll of Alice', ({ place }) =>
      place.items.find(({ poll }) => poll?.question === 'Tea?'),
    )
    const here = await crossed(kind, 'the poll from WhatsApp', ({ room }) =>
      room.items.find(({ poll }) => poll?.question === 'Cake?'),
    )
    const cake = await crossed(kind, 'it there', ({ place }) =>
      place.items.find(({ poll }) => poll?.question === 'Cake?'),
    )
    const nut = here.poll?.options[1]?.id
    await page.act('matrix/vote', { room: from.id, event: here.id, option: nut })
    await page.act('whatsapp/vote', { place: to.id, who, item: cake.id, option: '0' })
    await page.act('matrix/vote', { room: from.id, event, option: 'option-1' })
    await page.act('whatsapp/vote', { place: to.id, who, item: there.id, option: '1' })
    const votes = (item: Item | undefined) => item?.poll?.options.map((option) => option.votes).join()
    await crossed(kind, 'two votes in each poll on each side', ({ room, place }) => {
      const of = (id: string) => votes([...room.items, ...place.items].find((item) => item.id === id))
      return [event, there.id, here.id, cake.id].every((id) => of(id) === '1,1') ? true : undefined
    })
    await page.act('matrix/vote', { room: from.id, event: here.id, option: here.poll?.options[0]?.id })
    await page.act('whatsapp/vote', { place: to.id, who, item: there.id, option: '1' })
    await crossed(kind, 'a changed vote, and one that is taken back', ({ room, place }) => {
      const of = (id: string) => votes([...room.items, ...place.items].find((item) => item.id === id))
      const changed = of(here.id) === '2,0' && of(cake.id) === '2,0'
      return changed && of(event) === '1,0' && of(there.id) === '1,0' ? true : undefined
    })
  })

  test('a picture with its caption, a voice message and a sticker cross in both directions', async () => {
    const { room: from, place: to } = await whatsapp(kind)
    for (const [side, target] of [
      ['matrix', from.id],
      ['whatsapp', to.id],
    ] as const) {
      const fields = { to: target, who, name: 'dot.png', caption: `a *dot* of ${side}` }
      await page.attach(side, fields, 'image/png', DOT)
    }
    for (const what of ['voice', 'sticker'] as const) {
      await page.act('matrix/sample', { room: from.id, what })
      await page.act(`whatsapp/${what}`, { place: to.id, who })
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
    expect(here[0]?.html).toContain('a <strong>dot</strong> of whatsapp')
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
    const { room: from, place: to } = await whatsapp(kind)
    await page.act('whatsapp/say', { place: to.id, who: 'Sam Okoro', text: `seen in the ${kind}?` })
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
  const { room: from, place: to } = await whatsapp('dm')
  const { event } = await page.act('matrix/send', { room: from.id, text: 'have you seen this?' })
  const got = await crossed('dm', 'the question', ({ room, place }) =>
    isDelivered(room.items.find(({ id }) => id === event))
      ? place.items.find(saying('have you seen this?'))
      : undefined,
  )
  expect((await whatsapp('dm')).room.items.find(({ id }) => id === event)?.readBy).toEqual([])
  await page.act('whatsapp/read', { place: to.id, who: 'Sam Okoro', item: got.id })
  await crossed('dm', 'that Sam has read it', ({ room }) =>
    room.items.find(({ id, readBy }) => id === event && readBy?.join() === 'Sam from the boat'),
  )
})

test('nobody can do on WhatsApp what WhatsApp does not allow, and is told', async () => {
  const { place: to } = await whatsapp('group')
  const [first] = to.items.filter(({ kind }) => kind === 'text')
  const at = { place: to.id, item: first?.id }
  expect((await page.send('whatsapp/edit', { ...at, who: 'Sam Okoro', text: 'not mine' })).status).toBe(409)
  expect((await page.send('whatsapp/react', { ...at, who: 'Alice', key: '👍' })).status).toBe(409)
  expect((await page.send('whatsapp/say', { place: 'user:1', who: 'Sam Okoro', text: 'hi' })).status).toBe(
    409,
  )
  expect((await page.send('irc/attach', {})).status).toBe(409)
})

test('what happens while WhatsApp is away arrives after, once and in order', async () => {
  const { room: from, place: to } = await whatsapp('group')
  await page.act('outage', { kind: 'whatsapp', ms: 1_500 })
  const { status } = await page.snapshot()
  expect(status.connections.filter(({ side }) => side === 'whatsapp').map(({ state }) => state)).toEqual([
    'cut',
  ])
  const mine = ['north', 'east', 'south']
  const theirs = ['up', 'down']
  for (const text of mine) await page.act('matrix/send', { room: from.id, text })
  for (const text of theirs) await page.act('whatsapp/say', { place: to.id, who: 'Sam Okoro', text })
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

test('what is said on WhatsApp while the homeserver is down waits for it', async () => {
  const { place: to } = await whatsapp('dm')
  await page.act('outage', { kind: 'homeserver', ms: 1_000 })
  for (const text of ['ready', 'steady'])
    await page.act('whatsapp/say', { place: to.id, who: 'Sam Okoro', text })
  const arrived = await crossed('dm', 'both', ({ room }) => {
    const items = room.items.filter(({ text }) => text === 'ready' || text === 'steady')
    return items.length >= 2 ? items : undefined
  })
  expect(arrived.map(({ text }) => text)).toEqual(['ready', 'steady'])
})

test('ten lines each way keep their order on both sides', async () => {
  const { room: from, place: to } = await whatsapp('group')
  await page.act('burst', { room: from.id, side: 'whatsapp', place: to.id })
  const isLine = ({ text }: Item) => /^line \d+ of 10$/.test(text)
  const numbers = (items: Item[], own: boolean) =>
    items
      .filter((item) => isLine(item) && (item.from === 'Alice') === own)
      .map(({ text }) => text.split(' ')[1])
  const { room, place } = await crossed('group', 'all lines', (pair) =>
    [pair.room, pair.place].every(({ items }) => items.filter(isLine).length >= 20) ? pair : undefined,
  )
  const order = Array.from({ length: 10 }, (_, i) => String(i + 1))
  for (const { items } of [room, place])
    for (const own of [true, false]) expect(numbers(items, own)).toEqual(order)
})
