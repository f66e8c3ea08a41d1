import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Snapshot } from '../../src/demo/board.ts'
import { demo } from '../../src/demo/index.ts'
import type { Conversation, Item } from '../../src/demo/item.ts'
import { testLog } from '../support/settings.ts'

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

/** Looks at a channel on both sides until something is so, and gives it. */
async function seen<T>(
  network: string,
  what: string,
  find: (matrix: Item[], irc: Item[]) => T | undefined,
): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const { matrix, irc } = await snapshot()
    const found = find(inTown(matrix, network).items, inTown(irc, network).items)
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`never seen: ${what}`)
}

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
  expect(bot?.items.filter(({ redacted }) => redacted)).toHaveLength(1)
  expect(JSON.stringify(bot)).not.toContain('wonderland')
  expect(status.connections.map(({ state }) => state)).toEqual(Array<string>(4).fill('connected'))
})

test.each(['demo', 'plain'])('text crosses in both directions on %s', async (network) => {
  const place = `${network}/#town`
  await act('matrix/send', { room: await room(network), text: 'hello **Bob** <script>' })
  await act('irc/say', { place, nick: 'Bob', text: 'hello **Alice** <script>' })
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
  await act('irc/say', { place, nick: 'Carol', text: 'what do you think?' })
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
  await act('irc/react', { place, nick: 'Bob', item: line.id, key: '👀' })
  await act('irc/say', { place, nick: 'Bob', text: 'just one', replyTo: line.id })
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
  await act('irc/say', { place: 'demo/#town', nick: 'Bob', text: '!vote 1' })
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
  const query = new URLSearchParams({ room: await room('demo'), name: 'notes.txt', caption: 'my notes' })
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
  await act('irc/say', { place: 'demo/#town', nick: 'Bob', text: 'said meanwhile' })
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
  for (const text of ['one', 'two']) await act('irc/say', { place, nick: 'Carol', text })
  const arrived = await seen('plain', 'both lines', (matrix) => {
    const items = matrix.filter(({ text }) => text === 'one' || text === 'two')
    return items.length === 2 ? items : undefined
  })
  expect(arrived.map(({ text }) => text)).toEqual(['one', 'two'])
})

test('the events of the page bring every conversation, and stopping ends everything', async () => {
  const own = await demo({ port: Number(new URL(running.url).port), log: testLog })
  expect(own.url).not.toBe(running.url)
  const events = await fetch(new URL('/api/events', own.url))
  const reader = events.body?.getReader()
  let heard = ''
  while (!/"part":"irc demo\/#town"/.test(heard)) {
    const { value, done } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) throw new Error(`the events ended with ${heard}`)
    heard += Buffer.from(value).toString('utf8')
  }
  await own.stop()
  await expect(fetch(own.url)).rejects.toThrow()
  await reader?.cancel().catch(() => {})
})
