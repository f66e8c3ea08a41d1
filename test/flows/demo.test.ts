import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../src/demo/board.ts'
import { demo } from '../../src/demo/index.ts'
import type { Conversation, Item } from '../../src/demo/item.ts'
import { testLog } from '../support/settings.ts'

/** The smallest picture. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let running: Awaited<ReturnType<typeof demo>>
let page: string
let token: string

beforeAll(async () => {
  running = await demo({ port: 0, log: testLog })
  page = await (await fetch(running.url)).text()
  token = /name="viaduct-token" content="([^"]+)"/.exec(page)?.[1] ?? ''
})

afterAll(() => running.stop())

const api = (path: string) => new URL(`/api/${path}`, running.url)

function send(name: string, body: unknown, headers: Record<string, string> = { 'x-viaduct-token': token }) {
  return fetch(api(name), { method: 'POST', headers, body: JSON.stringify(body) })
}

async function act(name: string, body: unknown): Promise<{ event: string }> {
  const response = await send(name, body)
  expect([name, response.status, response.ok ? '' : await response.clone().text()]).toEqual([name, 200, ''])
  return (await response.json()) as { event: string }
}

const snapshot = async (): Promise<Snapshot> => (await (await fetch(api('state'))).json()) as Snapshot

const inTown = (side: Conversation[], network: string): Conversation => {
  const found = side.find((each) => each.kind === 'channel' && each.network === network)
  if (!found) throw new Error(`no #town of ${network}`)
  return found
}

/** Looks until something is so, and gives it. */
async function eventually<T>(what: string, find: (now: Snapshot) => T | undefined): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = find(await snapshot())
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`never seen: ${what}`)
}

/** Looks at a channel on both sides until something is so, and gives it. */
const seen = <T>(network: string, what: string, find: (matrix: Item[], irc: Item[]) => T | undefined) =>
  eventually(what, ({ matrix, irc }) => find(inTown(matrix, network).items, inTown(irc, network).items))

/** A conversation of Telegram on both sides. */
type Pair = { room: Conversation; place: Conversation }

function pairIn({ matrix, telegram }: Snapshot, kind: Conversation['kind']): Pair {
  const place = telegram.find((each) => each.kind === kind)
  const room = matrix.find(({ twin }) => twin === place?.id)
  if (place === undefined || room === undefined) throw new Error(`no ${kind} of Telegram`)
  return { room, place }
}

const telegram = async (kind: Conversation['kind']) => pairIn(await snapshot(), kind)

const crossed = <T>(kind: Conversation['kind'], what: string, find: (pair: Pair) => T | undefined) =>
  eventually(what, (now) => find(pairIn(now, kind)))

const room = async (network: string) => inTown((await snapshot()).matrix, network).id
const isDelivered = (item: Item | undefined, what = 'message') =>
  item?.chips.some((chip) => chip.what === what && chip.state === 'delivered') === true
const saying = (text: string) => (item: Item) => item.text === text

test('the page is whole, and its headers let nothing in from elsewhere', async () => {
  expect(page).toContain('nothing leaves it')
  const response = await fetch(running.url)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  for (const [, path = ''] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    expect([path, (await fetch(new URL(path, running.url))).status]).toEqual([path, 200])
  }
  expect(page).not.toMatch(/(?:src|href)="https?:/)
})

test('other names for this machine and requests without the token are refused', async () => {
  const status = (host: string) =>
    new Promise<number>((resolve, reject) => {
      const asked = request(running.url, { headers: { host } }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      asked.once('error', reject)
      asked.end()
    })
  const { port } = new URL(running.url)
  expect(await status(`127.0.0.1:${port}`)).toBe(200)
  expect(await status(`rebound.example:${port}`)).toBe(403)
  const text = { room: await room('demo'), text: 'from elsewhere' }
  expect((await send('matrix/send', text, {})).status).toBe(403)
  expect((await send('matrix/send', text, { 'x-viaduct-token': `${token.slice(1)}x` })).status).toBe(403)
  expect((await send('matrix/send', { room: 1 })).status).toBe(400)
  const { matrix } = await snapshot()
  expect(inTown(matrix, 'demo').items.filter(saying('from elsewhere'))).toEqual([])
})

test('Alice logged in by talking to the bot, and her password is gone from the room', async () => {
  const { matrix, status } = await snapshot()
  const bot = matrix.find(({ kind }) => kind === 'bot')
  const texts = bot?.items.map(({ text }) => text) ?? []
  expect(texts.some((text) => text.includes('You are alice on demo'))).toBe(true)
  expect(texts.some((text) => text.includes('You are logged in to Telegram as Alice'))).toBe(true)
  expect(bot?.items.filter(({ redacted }) => redacted)).toHaveLength(2)
  expect(JSON.stringify(bot)).not.toContain('wonderland')
  expect(status.connections.map(({ side, state }) => `${side} ${state}`)).toEqual([
    ...Array<string>(4).fill('irc connected'),
    'telegram connected',
  ])
  const all = matrix.flatMap(({ items }) => items.map(({ text }) => text))
  expect(all.filter((text) => text.includes('does not let'))).toEqual([])
})

test.each(['demo', 'plain'])('text crosses in both directions on %s', async (network) => {
  const place = `${network}/#town`
  await act('matrix/send', { room: await room(network), text: 'hello **Bob** <script>' })
  await act('irc/say', { place, who: 'Bob', text: 'hello **Alice** <script>' })
  const [toIrc, toMatrix] = await seen(network, 'both greetings', (matrix, irc) => {
    const mine = matrix.find(saying('hello **Bob** <script>'))
    const bobs = irc.find(saying('hello Alice <script>'))
    const there = irc.find(saying('hello Bob <script>'))
    const here = matrix.find(saying('hello Alice <script>'))
    return isDelivered(mine) && isDelivered(bobs) && there && here ? [there, here] : undefined
  })
  expect(toIrc.html).toBe('hello <strong>Bob</strong> &lt;script&gt;')
  expect(toMatrix.html).toContain('<strong>')
  expect(toMatrix.html).not.toContain('<script')
})

test('a reaction, an edit, a reply and a deletion cross, each with its delivery', async () => {
  const where = await room('demo')
  const place = 'demo/#town'
  await act('irc/say', { place, who: 'Carol', text: 'what do you think?' })
  const question = await seen('demo', 'the question', (matrix) => matrix.find(saying('what do you think?')))
  await act('matrix/react', { room: where, event: question.id, key: '🎉' })
  await act('matrix/send', { room: where, text: 'I like it', replyTo: question.id })
  const { event } = await act('matrix/send', { room: where, text: 'a tpyo' })
  await act('matrix/send', { room: where, text: 'a typo', edit: event })
  const wrong = await act('matrix/send', { room: where, text: 'wrong window' })
  await seen('demo', 'the wrong line', (_, irc) => irc.find(saying('wrong window')))
  await act('matrix/redact', { room: where, event: wrong.event })
  await seen('demo', 'the reaction', (matrix, irc) => {
    const there = irc.find(saying('what do you think?'))
    const here = matrix.find(saying('what do you think?'))
    return there?.reactions.some(({ by }) => by.includes('alice')) === true && isDelivered(here, '🎉')
      ? true
      : undefined
  })
  const reply = await seen('demo', 'the reply', (_, irc) => irc.find(saying('I like it')))
  expect(reply.reply).toEqual({ from: 'Carol', text: 'what do you think?' })
  await seen('demo', 'the correction', (matrix, irc) => {
    const edited = matrix.find(saying('a typo'))
    return edited?.edited === true && isDelivered(edited, 'edit') && irc.some(saying('s/tpyo/typo/'))
      ? true
      : undefined
  })
  await seen('demo', 'the deletion', (matrix, irc) => {
    const gone = matrix.find(({ id }) => id === wrong.event)
    return gone?.redacted === true && isDelivered(gone, 'deletion') && irc.some(({ redacted }) => redacted)
      ? true
      : undefined
  })
})

test('reactions and replies of people on IRC arrive as such', async () => {
  const place = 'demo/#town'
  await act('matrix/send', { room: await room('demo'), text: 'any questions?' })
  const line = await seen('demo', 'the line', (_, irc) => irc.find(saying('any questions?')))
  await act('irc/react', { place, who: 'Bob', item: line.id, key: '👀' })
  await act('irc/say', { place, who: 'Bob', text: 'just one', replyTo: line.id })
  await seen('demo', 'the reaction', (matrix) =>
    matrix
      .find(saying('any questions?'))
      ?.reactions.find(({ key, by }) => key === '👀' && by.includes('Bob')),
  )
  const reply = await seen('demo', 'the reply', (matrix) => matrix.find(saying('just one')))
  expect(reply.reply).toEqual({ from: 'Alice', text: 'any questions?' })
})

test('a poll takes votes from both sides', async () => {
  const where = await room('demo')
  const { event } = await act('matrix/poll', { room: where, question: 'Lunch?', options: ['Pizza', 'Soup'] })
  await seen('demo', 'the poll in words', (_, irc) => irc.find(({ text }) => text.includes('1. Pizza')))
  await act('matrix/vote', { room: where, event, option: 'option-2' })
  await act('irc/say', { place: 'demo/#town', who: 'Bob', text: '!vote 1' })
  const poll = await seen('demo', 'two votes', (matrix) => {
    const item = matrix.find(({ id }) => id === event)
    return item?.poll?.voters === 2 && isDelivered(item, 'vote') ? item.poll : undefined
  })
  expect(poll.options.map(({ text, votes, mine }) => [text, votes, mine])).toEqual([
    ['Pizza', 1, false],
    ['Soup', 1, true],
  ])
})

test('a file goes with its caption, and IRC gets a link that works', async () => {
  const query = new URLSearchParams({ to: await room('demo'), name: 'notes.txt', caption: 'my notes' })
  const attached = await fetch(api(`matrix/attach?${query.toString()}`), {
    method: 'POST',
    headers: { 'x-viaduct-token': token, 'content-type': 'text/plain' },
    body: 'what I noted',
  })
  expect(attached.status).toBe(200)
  const link = await seen('demo', 'the link', (matrix, irc) => {
    const sent = matrix.find(({ media }) => media?.name === 'notes.txt')
    const line = irc.find(({ text }) => text.startsWith('my notes'))
    return isDelivered(sent) ? /http:\S+/.exec(line?.text ?? '')?.[0] : undefined
  })
  expect(await (await fetch(link)).text()).toBe('what I noted')
  const own = await seen(
    'demo',
    'the file',
    (matrix) => matrix.find(({ media }) => media !== undefined)?.media,
  )
  const shown = await fetch(new URL(own.url, running.url))
  expect(shown.headers.get('content-disposition')).toBe('attachment')
  expect(await shown.text()).toBe('what I noted')
})

test('what is written while the IRC link is cut waits, and goes out once and in order', async () => {
  const where = await room('demo')
  await act('outage', { kind: 'irc', ms: 1_500 })
  const lines = ['first', 'second', 'third']
  for (const text of lines) await act('matrix/send', { room: where, text })
  await act('irc/say', { place: 'demo/#town', who: 'Bob', text: 'said meanwhile' })
  await seen('demo', 'a waiting line', (matrix) =>
    matrix.find(saying('first'))?.chips.find(({ state }) => state !== 'delivered'),
  )
  const arrived = await seen('demo', 'all lines', (matrix, irc) => {
    const sent = matrix.filter(({ text }) => lines.includes(text))
    const heard = matrix.some(saying('said meanwhile'))
    return heard && sent.length === 3 && sent.every((item) => isDelivered(item))
      ? irc.filter(({ text }) => lines.includes(text))
      : undefined
  })
  expect(arrived.map(({ text }) => text)).toEqual(lines)
})

test('what is written while the homeserver is down waits for it', async () => {
  const place = 'plain/#town'
  await act('outage', { kind: 'homeserver', ms: 1_000 })
  const refused = await send('matrix/send', { room: await room('plain'), text: 'nobody there' })
  expect(refused.status).toBe(409)
  for (const text of ['one', 'two']) await act('irc/say', { place, who: 'Carol', text })
  const arrived = await seen('plain', 'both lines', (matrix) => {
    const items = matrix.filter(({ text }) => text === 'one' || text === 'two')
    return items.length === 2 ? items : undefined
  })
  expect(arrived.map(({ text }) => text)).toEqual(['one', 'two'])
})

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
    await act('matrix/send', { room: from.id, text: 'dear **all** <script>' })
    await act('telegram/say', { place: to.id, who, text: 'dear *Alice* & ||you|| <script>' })
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
    await act('telegram/say', { place: to.id, who, text: 'which colour?' })
    const question = await crossed(kind, 'the question', ({ room }) =>
      room.items.find(saying('which colour?')),
    )
    await act('matrix/react', { room: from.id, event: question.id, key: '🎉' })
    const { event } = await act('matrix/send', { room: from.id, text: 'bleu', replyTo: question.id })
    await act('matrix/send', { room: from.id, text: 'blue', edit: event })
    const wrong = await act('matrix/send', { room: from.id, text: `a slip in the ${kind}` })
    await crossed(kind, 'the slip', ({ place }) => place.items.find(saying(`a slip in the ${kind}`)))
    await act('matrix/redact', { room: from.id, event: wrong.event })
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
    await act('matrix/react', { room: from.id, event: question.id, key: '🎉' })
    await crossed(kind, 'the reaction to be taken back', ({ place }) =>
      place.items.find((item) => item.text === 'which colour?' && item.reactions.length === 0),
    )
  })

  test('a reply, an edit, a reaction and a deletion from there cross, each with its delivery', async () => {
    const { room: from, place: to } = await telegram(kind)
    await act('matrix/send', { room: from.id, text: 'and which shape?' })
    const question = await crossed(kind, 'the question', ({ place }) =>
      place.items.find(saying('and which shape?')),
    )
    const at = { place: to.id, who }
    await act('telegram/react', { ...at, item: question.id, key: '❤️' })
    await act('telegram/say', { ...at, text: 'ruond', replyTo: question.id })
    const said = await crossed(kind, 'the answer', ({ room, place }) =>
      room.items.some(saying('ruond')) ? place.items.find(saying('ruond')) : undefined,
    )
    await act('telegram/edit', { ...at, item: said.id, text: '**round**' })
    await act('telegram/say', { ...at, text: 'no, square' })
    const second = await crossed(kind, 'the second answer', ({ room, place }) =>
      room.items.some(saying('no, square')) ? place.items.find(saying('no, square')) : undefined,
    )
    await act('telegram/redact', { ...at, item: second.id })
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
    await act('telegram/react', { ...at, item: question.id, key: '❤️' })
    await crossed(kind, 'the reaction to be taken back', ({ room }) =>
      room.items.find((item) => item.text === 'and which shape?' && item.reactions.length === 0),
    )
  })

  test('who types is shown on the other side', async () => {
    const { room: from, place: to } = await telegram(kind)
    await act('telegram/typing', { place: to.id, who, typing: true })
    await crossed(kind, 'somebody to type on Telegram', ({ room }) =>
      room.typing.length > 0 ? true : undefined,
    )
    await act('matrix/typing', { room: from.id, typing: true })
    await crossed(kind, 'Alice to type', ({ place }) => (place.typing.includes('Alice') ? true : undefined))
    await act('matrix/typing', { room: from.id, typing: false })
    await crossed(kind, 'Alice to stop', ({ place }) => (place.typing.includes('Alice') ? undefined : true))
  })

  test('polls of both sides take votes from both sides, and end', async () => {
    const { room: from, place: to } = await telegram(kind)
    const { event } = await act('matrix/poll', { room: from.id, question: 'Tea?', options: ['Yes', 'No'] })
    await act('telegram/poll', { place: to.id, who, question: 'Cake?', options: ['Plum', 'Nut'] })
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
    await act('matrix/vote', { room: from.id, event: here.id, option: nut })
    await act('telegram/vote', { place: to.id, who, item: cake.id, option: '0' })
    await act('matrix/vote', { room: from.id, event, option: 'option-1' })
    await act('telegram/vote', { place: to.id, who, item: there.id, option: '1' })
    const votes = (item: Item | undefined) => item?.poll?.options.map((option) => option.votes).join()
    await crossed(kind, 'two votes in each poll on each side', ({ room, place }) => {
      const of = (id: string) => votes([...room.items, ...place.items].find((item) => item.id === id))
      return [event, there.id, here.id, cake.id].every((id) => of(id) === '1,1') ? true : undefined
    })
    await act('matrix/end', { room: from.id, event })
    await act('telegram/end', { place: to.id, who, item: cake.id })
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
      const query = new URLSearchParams({ to: target, who, name: 'dot.png', caption: `a *dot* of ${side}` })
      const attached = await fetch(api(`${side}/attach?${query.toString()}`), {
        method: 'POST',
        headers: { 'x-viaduct-token': token, 'content-type': 'image/png' },
        body: DOT,
      })
      expect([side, attached.status]).toEqual([side, 200])
    }
    for (const what of ['voice', 'sticker'] as const) {
      await act('matrix/sample', { room: from.id, what })
      await act(`telegram/${what}`, { place: to.id, who })
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
        const shown = await fetch(new URL(item?.media?.url ?? '', running.url))
        expect([kinds[i], shown.headers.get('content-type')]).toEqual([kinds[i], types[i]])
        if (i === 0) expect(Buffer.from(await shown.arrayBuffer())).toEqual(DOT)
      }
    }
  })

  test('read marks cross: two ticks', async () => {
    const { room: from, place: to } = await telegram(kind)
    await act('telegram/say', { place: to.id, who: 'Robin Park', text: `seen in the ${kind}?` })
    const got = await crossed(kind, 'the question', ({ room }) =>
      room.items.find(saying(`seen in the ${kind}?`)),
    )
    await act('matrix/read', { room: from.id, event: got.id })
    await crossed(kind, 'that Alice has read it', ({ place }) =>
      place.items.find(({ text, readBy }) => text === got.text && readBy?.includes('Alice') === true),
    )
  })
})

test('a direct chat tells Alice when she was read', async () => {
  const { room: from, place: to } = await telegram('dm')
  const { event } = await act('matrix/send', { room: from.id, text: 'have you seen this?' })
  const got = await crossed('dm', 'the question', ({ room, place }) =>
    isDelivered(room.items.find(({ id }) => id === event))
      ? place.items.find(saying('have you seen this?'))
      : undefined,
  )
  expect((await telegram('dm')).room.items.find(({ id }) => id === event)?.readBy).toEqual([])
  await act('telegram/read', { place: to.id, who: 'Robin Park', item: got.id })
  await crossed('dm', 'that Robin has read it', ({ room }) =>
    room.items.find(({ id, readBy }) => id === event && readBy?.join() === 'Robin next door'),
  )
})

test('nobody can do on Telegram what Telegram does not allow, and is told', async () => {
  const { place: to } = await telegram('group')
  const [first] = to.items.filter(({ kind }) => kind === 'text')
  const at = { place: to.id, item: first?.id }
  expect((await send('telegram/edit', { ...at, who: 'Robin Park', text: 'not mine' })).status).toBe(400)
  expect((await send('telegram/react', { ...at, who: 'Alice', key: '👍' })).status).toBe(409)
  expect((await send('telegram/say', { place: 'user:1', who: 'Robin Park', text: 'hi' })).status).toBe(409)
  expect((await send('irc/attach', {})).status).toBe(409)
})

test('what happens while Telegram is away arrives after, once and in order', async () => {
  const { room: from, place: to } = await telegram('group')
  await act('outage', { kind: 'telegram', ms: 1_500 })
  const { status } = await snapshot()
  expect(status.connections.filter(({ side }) => side === 'telegram').map(({ state }) => state)).toEqual([
    'cut',
  ])
  const mine = ['north', 'east', 'south']
  const theirs = ['up', 'down']
  for (const text of mine) await act('matrix/send', { room: from.id, text })
  for (const text of theirs) await act('telegram/say', { place: to.id, who: 'Robin Park', text })
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
  await act('outage', { kind: 'homeserver', ms: 1_000 })
  for (const text of ['ready', 'steady']) await act('telegram/say', { place: to.id, who: 'Robin Park', text })
  const arrived = await crossed('dm', 'both', ({ room }) => {
    const items = room.items.filter(({ text }) => text === 'ready' || text === 'steady')
    return items.length >= 2 ? items : undefined
  })
  expect(arrived.map(({ text }) => text)).toEqual(['ready', 'steady'])
})

test('ten lines each way keep their order on both sides', async () => {
  const { room: from, place: to } = await telegram('topic')
  await act('burst', { room: from.id, side: 'telegram', place: to.id })
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

test('the events of the page bring every conversation, and stopping ends everything', async () => {
  const own = await demo({ port: Number(new URL(running.url).port), log: testLog })
  expect(own.url).not.toBe(running.url)
  const events = await fetch(new URL('/api/events', own.url))
  const reader = events.body?.getReader()
  let heard = ''
  while (!/"part":"irc demo\/#town"/.test(heard) || !heard.includes('"part":"telegram channel:')) {
    const { value, done } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) throw new Error(`the events ended with ${heard}`)
    heard += Buffer.from(value).toString('utf8')
  }
  await own.stop()
  await expect(fetch(own.url)).rejects.toThrow()
  await reader?.cancel().catch(() => {})
})
