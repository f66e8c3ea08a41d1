import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Conversation, Item } from '../../src/demo/item.ts'
import { DemoPage, isDelivered, saying, withId } from '../support/demo-page.ts'
import { DemoPhone, DOT, isText, pollIn, TELEGRAM, votesIn, WHATSAPP } from '../support/demo-phones.ts'

let page: DemoPage

beforeAll(async () => {
  page = await DemoPage.open()
})

afterAll(() => page.stop())

// A network's own comes first: nothing may have been said before what was said before.
describe('Telegram alone', () => {
  const phone = new DemoPhone(TELEGRAM, () => page)

  test('what was said before the login is there, under the names of each side', async () => {
    const { room, place } = await phone.pair('dm')
    expect([room.name, place.name]).toEqual(['Robin next door', 'Alice'])
    expect(room.items.filter(isText).map(({ from }) => from)).toEqual(['Robin next door'])
    expect(place.items.map(({ from }) => from)).toEqual(['Robin Park'])
    const group = await phone.crossed('group', 'the history of the group', (pair) => {
      const answer = pair.room.items.find(({ reply }) => reply !== undefined)
      return answer?.reactions.length === 1 ? { answer, name: pair.room.name } : undefined
    })
    expect(group.name).toBe('Book club')
    expect(group.answer.html).toContain('<em>The Bridge of San Luis Rey</em>')
    expect(group.answer.reply).toEqual({ from: 'Mia Chen', text: 'Which book is next?' })
    const topic = await phone.pair('topic')
    expect(topic.room.items.some(saying('The tulips go in on Saturday.'))).toBe(true)
  })

  test.each(TELEGRAM.people)('polls of both sides take votes from both, and end: %s', async (kind, who) => {
    const { from, to, event, there, here, cake } = await phone.votedPolls(kind, who)
    await page.act('matrix/end', { room: from.id, event })
    await phone.act('end', { place: to.id, who, item: cake.id })
    await phone.crossed(kind, 'both ends', (pair) =>
      [there.id, here.id].every((id) => pollIn(pair, id)?.ended === true) ? true : undefined,
    )
  })
})

describe('WhatsApp alone', () => {
  const phone = new DemoPhone(WHATSAPP, () => page)

  beforeAll(() => phone.linked())

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

  test('what was said before is there, under the names of each side', async () => {
    // The address book comes beside the history.
    const { room, place } = await phone.crossed('dm', 'the name in the address book', (pair) =>
      pair.room.name === 'Sam from the boat' ? pair : undefined,
    )
    expect(place.name).toBe('Alice')
    expect(room.items.filter(isText).map(({ from }) => from)).toEqual(['Sam from the boat'])
    expect(place.items.map(({ from }) => from)).toEqual(['Sam Okoro'])
    const group = await phone.crossed('group', 'the history of the group', (pair) => {
      const answer = pair.room.items.find(({ reply }) => reply !== undefined)
      return answer?.reactions.length === 1 && pair.room.name === 'Sailing club' ? answer : undefined
    })
    expect(group.html).toContain('the <em>good</em> biscuits')
    expect(group.reply).toEqual({ from: 'Nora Lind', text: 'Who brings the charts?' })
  })

  test.each(WHATSAPP.people)('polls of both sides take votes from both: %s', async (kind, who) => {
    const { from, to, event, there, here, cake } = await phone.votedPolls(kind, who)
    await page.act('matrix/vote', { room: from.id, event: here.id, option: here.poll?.options[0]?.id })
    await phone.act('vote', { place: to.id, who, item: there.id, option: '1' })
    await phone.crossed(kind, 'a changed vote, and one that is taken back', (pair) => {
      const changed = [here.id, cake.id].every((id) => votesIn(pair, id) === '2,0')
      return changed && [event, there.id].every((id) => votesIn(pair, id) === '1,0') ? true : undefined
    })
  })
})

describe.each([TELEGRAM, WHATSAPP])('$name', (network) => {
  const { side, name, owner, crowded } = network
  const phone = new DemoPhone(network, () => page)
  const isLeft = (words: string) => (item: Item) =>
    item.text === words && !(network.keepsDeleted && item.redacted === true)

  beforeAll(() => phone.linked())

  describe.each(network.people)('%s', (kind, who) => {
    test('formatted text crosses in both directions', async () => {
      const { typed, text, html } = network.formatted
      const { room: from, place: to } = await phone.pair(kind)
      await page.act('matrix/send', { room: from.id, text: 'dear **all** <script>' })
      await phone.act('say', { place: to.id, who, text: typed })
      const [there, here] = await phone.crossed(kind, 'both texts', ({ room, place }) => {
        const mine = room.items.find(saying('dear **all** <script>'))
        const theirs = place.items.find(saying(text))
        const got = place.items.find(saying(network.dearAll))
        const came = room.items.find(saying(text))
        return isDelivered(mine) && isDelivered(theirs) && got && came ? [got, came] : undefined
      })
      expect([there.from, there.html]).toEqual(['Alice', 'dear <strong>all</strong> &lt;script&gt;'])
      expect(here.html).toBe(html)
    })

    test('a reply, an edit, a reaction and a deletion of Alice cross, each with its delivery', async () => {
      const { room: from, place: to } = await phone.pair(kind)
      const slip = `a slip in the ${kind}`
      await phone.act('say', { place: to.id, who, text: 'which colour?' })
      const question = await phone.arrived(kind, 'room', 'which colour?')
      await page.act('matrix/react', { room: from.id, event: question.id, key: '🎉' })
      const { event } = await page.act('matrix/send', { room: from.id, text: 'bleu', replyTo: question.id })
      await page.act('matrix/send', { room: from.id, text: 'blue', edit: event })
      const wrong = await page.act('matrix/send', { room: from.id, text: slip })
      await phone.arrived(kind, 'place', slip)
      await page.act('matrix/redact', { room: from.id, event: wrong.event })
      const answer = await phone.crossed(kind, 'all of it', ({ room, place }) => {
        const asked = room.items.find(withId(question.id))
        const got = place.items.find(saying('which colour?'))
        const put = got?.reactions.some(({ by }) => by.includes('Alice')) === true
        const edited = isDelivered(room.items.find(withId(event)), 'edit')
        const gone = isDelivered(room.items.find(withId(wrong.event)), 'deletion')
        const left = place.items.some(isLeft(slip))
        const found = place.items.find(saying('blue'))
        return isDelivered(asked, '🎉') && put && edited && gone && !left ? found : undefined
      })
      expect(answer).toMatchObject({ edited: true, reply: { from: who, text: 'which colour?' } })
      await page.act('matrix/react', { room: from.id, event: question.id, key: '🎉' })
      await phone.crossed(kind, 'the reaction to be taken back', ({ place }) =>
        place.items.find((item) => item.text === 'which colour?' && item.reactions.length === 0),
      )
    })

    test('a reply, an edit, a reaction and a deletion from there cross, each with its delivery', async () => {
      const { room: from, place: to } = await phone.pair(kind)
      await page.act('matrix/send', { room: from.id, text: 'and which shape?' })
      const question = await phone.arrived(kind, 'place', 'and which shape?')
      const at = { place: to.id, who }
      const said = (text: string) =>
        phone.crossed(kind, text, ({ room, place }) =>
          room.items.some(saying(text)) ? place.items.find(saying(text)) : undefined,
        )
      await phone.act('react', { ...at, item: question.id, key: '❤️' })
      await phone.act('say', { ...at, text: 'ruond', replyTo: question.id })
      const first = await said('ruond')
      await phone.act('edit', { ...at, item: first.id, text: network.round.typed })
      await phone.act('say', { ...at, text: 'no, square' })
      const second = await said('no, square')
      await phone.act('redact', { ...at, item: second.id })
      const answer = await phone.crossed(kind, 'all of it', ({ room, place }) => {
        const asked = room.items.find(saying('and which shape?'))
        const hearts = asked?.reactions.filter(({ key }) => key.startsWith('❤')).length
        const reacted = isDelivered(place.items.find(withId(question.id)), 'reaction')
        const edited = isDelivered(place.items.find(withId(first.id)), 'edit')
        const left = [...place.items, ...room.items].some(isLeft('no, square'))
        const found = room.items.find(saying(network.round.text))
        return hearts === 1 && reacted && edited && !left && found?.edited === true ? found : undefined
      })
      expect(answer.html).toContain('<strong>round</strong>')
      expect(answer.reply?.text).toBe('and which shape?')
      await phone.act('react', { ...at, item: question.id, key: '❤️' })
      await phone.crossed(kind, 'the reaction to be taken back', ({ room }) =>
        room.items.find((item) => item.text === 'and which shape?' && item.reactions.length === 0),
      )
    })

    test('who types is shown on the other side', async () => {
      const { room: from, place: to } = await phone.pair(kind)
      await phone.act('typing', { place: to.id, who, typing: true })
      await phone.crossed(
        kind,
        `somebody to type on ${name}`,
        ({ room }) => room.typing.length > 0 || undefined,
      )
      await page.act('matrix/typing', { room: from.id, typing: true })
      await phone.crossed(kind, 'Alice to type', ({ place }) => place.typing.includes('Alice') || undefined)
      await page.act('matrix/typing', { room: from.id, typing: false })
      await phone.crossed(kind, 'Alice to stop', ({ place }) => !place.typing.includes('Alice') || undefined)
    })

    test('a picture with its caption, a voice message and a sticker cross in both directions', async () => {
      await phone.sendFiles(kind, who)
      const kinds = ['image', 'voice', 'sticker']
      const of = ({ items }: Conversation, mine: boolean) =>
        kinds.map((each) => items.find((item) => item.kind === each && (item.from === 'Alice') === mine))
      const [there, here] = await phone.crossed(kind, 'all files', ({ room, place }) => {
        const [fromAlice, fromThem] = [of(place, true), of(room, false)]
        const sent = [...of(room, true), ...of(place, false)].every((item) => isDelivered(item))
        return sent && [...fromAlice, ...fromThem].every(Boolean) ? [fromAlice, fromThem] : undefined
      })
      expect(there[0]?.html).toBe('a <em>dot</em> of matrix')
      expect(here[0]?.html).toContain(`a <${network.starred}>dot</${network.starred}> of ${side}`)
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
      const { room: from, place: to } = await phone.pair(kind)
      const text = `seen in the ${kind}?`
      await phone.act('say', { place: to.id, who: owner, text })
      const got = await phone.arrived(kind, 'room', text)
      await page.act('matrix/read', { room: from.id, event: got.id })
      await phone.crossed(kind, 'that Alice has read it', ({ place }) =>
        place.items.find((item) => item.text === got.text && item.readBy?.includes('Alice') === true),
      )
    })
  })

  test('a direct chat tells Alice when she was read', async () => {
    const { room: from, place: to } = await phone.pair('dm')
    const { event } = await page.act('matrix/send', { room: from.id, text: 'have you seen this?' })
    const got = await phone.crossed('dm', 'the question', ({ room, place }) =>
      isDelivered(room.items.find(withId(event)))
        ? place.items.find(saying('have you seen this?'))
        : undefined,
    )
    expect((await phone.pair('dm')).room.items.find(withId(event))?.readBy).toEqual([])
    await phone.act('read', { place: to.id, who: owner, item: got.id })
    await phone.crossed('dm', `that ${owner} has read it`, ({ room }) =>
      room.items.find(({ id, readBy }) => id === event && readBy?.join() === network.nickname),
    )
  })

  test(`nobody can do there what ${name} does not allow, and is told`, async () => {
    const { place: to } = await phone.pair('group')
    const at = { place: to.id, item: to.items.find(isText)?.id }
    expect(await phone.tried('edit', { ...at, who: owner, text: 'not mine' })).toBe(network.notMine)
    expect(await phone.tried('react', { ...at, who: 'Alice', key: '👍' })).toBe(409)
    expect(await phone.tried('say', { place: 'user:1', who: owner, text: 'hi' })).toBe(409)
    expect((await page.send('irc/attach', {})).status).toBe(409)
  })

  test(`what happens while ${name} is away arrives after, once and in order`, async () => {
    const { room: from, place: to } = await phone.pair('group')
    await page.act('outage', { kind: side, ms: 1_500 })
    const { status } = await page.snapshot()
    const own = status.connections.filter((connection) => connection.side === side)
    expect(own.map(({ state }) => state)).toEqual(['cut'])
    const mine = ['north', 'east', 'south']
    const theirs = ['up', 'down']
    for (const text of mine) await page.act('matrix/send', { room: from.id, text })
    for (const text of theirs) await phone.act('say', { place: to.id, who: owner, text })
    await phone.crossed('group', 'a waiting message', ({ room }) =>
      room.items.find(saying('north'))?.chips.find(({ state }) => state !== 'delivered'),
    )
    const { there, here } = await phone.crossed('group', 'all of it', ({ room, place }) => {
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

  test('what is said there while the homeserver is down waits for it', async () => {
    const { place: to } = await phone.pair('dm')
    await page.act('outage', { kind: 'homeserver', ms: 1_000 })
    for (const text of ['ready', 'steady']) await phone.act('say', { place: to.id, who: owner, text })
    const arrived = await phone.crossed('dm', 'both', ({ room }) => {
      const items = room.items.filter(({ text }) => text === 'ready' || text === 'steady')
      return items.length >= 2 ? items : undefined
    })
    expect(arrived.map(({ text }) => text)).toEqual(['ready', 'steady'])
  })

  test('ten lines each way keep their order on both sides', async () => {
    const { room: from, place: to } = await phone.pair(crowded)
    await page.act('burst', { room: from.id, side, place: to.id })
    const isLine = ({ text }: Item) => /^line \d+ of 10$/.test(text)
    const numbers = (items: Item[], own: boolean) =>
      items
        .filter((item) => isLine(item) && (item.from === 'Alice') === own)
        .map(({ text }) => text.split(' ')[1])
    const { room, place } = await phone.crossed(crowded, 'all lines', (pair) =>
      [pair.room, pair.place].every(({ items }) => items.filter(isLine).length >= 20) ? pair : undefined,
    )
    const order = Array.from({ length: 10 }, (_, i) => String(i + 1))
    for (const { items } of [room, place])
      for (const own of [true, false]) expect(numbers(items, own)).toEqual(order)
  })
})
