import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demo } from '../../src/demo/index.ts'
import type { Item } from '../../src/demo/item.ts'
import { DemoPage, inTown, isDelivered, saying } from '../support/demo-page.ts'
import { testLog } from '../support/settings.ts'

let page: DemoPage

beforeAll(async () => {
  page = await DemoPage.open()
})

afterAll(() => page.stop())

/** Looks at a channel on both sides until something is so, and gives it. */
const seen = <T>(network: string, what: string, find: (matrix: Item[], irc: Item[]) => T | undefined) =>
  page.eventually(what, ({ matrix, irc }) => find(inTown(matrix, network).items, inTown(irc, network).items))

const room = async (network: string) => inTown((await page.snapshot()).matrix, network).id

test('the page is whole, and its headers let nothing in from elsewhere', async () => {
  expect(page.html).toContain('nothing leaves it')
  const response = await fetch(page.url)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  for (const [, path = ''] of page.html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    expect([path, (await fetch(new URL(path, page.url))).status]).toEqual([path, 200])
  }
  expect(page.html).not.toMatch(/(?:src|href)="https?:/)
})

test('other names for this machine and requests without the page.token are refused', async () => {
  const status = (host: string) =>
    new Promise<number>((resolve, reject) => {
      const asked = request(page.url, { headers: { host } }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      asked.once('error', reject)
      asked.end()
    })
  const { port } = new URL(page.url)
  expect(await status(`127.0.0.1:${port}`)).toBe(200)
  expect(await status(`rebound.example:${port}`)).toBe(403)
  const text = { room: await room('demo'), text: 'from elsewhere' }
  expect((await page.send('matrix/send', text, {})).status).toBe(403)
  expect(
    (await page.send('matrix/send', text, { 'x-viaduct-token': `${page.token.slice(1)}x` })).status,
  ).toBe(403)
  expect((await page.send('matrix/send', { room: 1 })).status).toBe(400)
  const { matrix } = await page.snapshot()
  expect(inTown(matrix, 'demo').items.filter(saying('from elsewhere'))).toEqual([])
})

test('Alice logged in by talking to the bot, and her password is gone from the room', async () => {
  const { matrix, status } = await page.eventually('Alice to be on WhatsApp too', (now) =>
    now.status.connections.some(({ side, state }) => side === 'whatsapp' && state === 'connected')
      ? now
      : undefined,
  )
  const bot = matrix.find(({ kind }) => kind === 'bot')
  const texts = bot?.items.map(({ text }) => text) ?? []
  expect(texts.some((text) => text.includes('You are alice on demo'))).toBe(true)
  expect(texts.some((text) => text.includes('You are logged in to Telegram as Alice'))).toBe(true)
  expect(bot?.items.filter(({ redacted, mine }) => redacted && mine)).toHaveLength(2)
  expect(JSON.stringify(bot)).not.toContain('wonderland')
  expect(status.connections.map(({ side, state }) => `${side} ${state}`)).toEqual([
    ...Array<string>(4).fill('irc connected'),
    'telegram connected',
    'whatsapp connected',
  ])
  const all = matrix.flatMap(({ items }) => items.map(({ text }) => text))
  expect(all.filter((text) => text.includes('does not let'))).toEqual([])
})

test.each(['demo', 'plain'])('text crosses in both directions on %s', async (network) => {
  const place = `${network}/#town`
  await page.act('matrix/send', { room: await room(network), text: 'hello **Bob** <script>' })
  await page.act('irc/say', { place, who: 'Bob', text: 'hello **Alice** <script>' })
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
  await page.act('irc/say', { place, who: 'Carol', text: 'what do you think?' })
  const question = await seen('demo', 'the question', (matrix) => matrix.find(saying('what do you think?')))
  await page.act('matrix/react', { room: where, event: question.id, key: '🎉' })
  await page.act('matrix/send', { room: where, text: 'I like it', replyTo: question.id })
  const { event } = await page.act('matrix/send', { room: where, text: 'a tpyo' })
  await page.act('matrix/send', { room: where, text: 'a typo', edit: event })
  const wrong = await page.act('matrix/send', { room: where, text: 'wrong window' })
  await seen('demo', 'the wrong line', (_, irc) => irc.find(saying('wrong window')))
  await page.act('matrix/redact', { room: where, event: wrong.event })
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
  await page.act('matrix/send', { room: await room('demo'), text: 'any questions?' })
  const line = await seen('demo', 'the line', (_, irc) => irc.find(saying('any questions?')))
  await page.act('irc/react', { place, who: 'Bob', item: line.id, key: '👀' })
  await page.act('irc/say', { place, who: 'Bob', text: 'just one', replyTo: line.id })
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
  const { event } = await page.act('matrix/poll', {
    room: where,
    question: 'Lunch?',
    options: ['Pizza', 'Soup'],
  })
  await seen('demo', 'the poll in words', (_, irc) => irc.find(({ text }) => text.includes('1. Pizza')))
  await page.act('matrix/vote', { room: where, event, option: 'option-2' })
  await page.act('irc/say', { place: 'demo/#town', who: 'Bob', text: '!vote 1' })
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
  const fields = { to: await room('demo'), name: 'notes.txt', caption: 'my notes' }
  await page.attach('matrix', fields, 'text/plain', Buffer.from('what I noted'))
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
  const shown = await fetch(new URL(own.url, page.url))
  expect(shown.headers.get('content-disposition')).toBe('attachment')
  expect(await shown.text()).toBe('what I noted')
})

test('what is written while the IRC link is cut waits, and goes out once and in order', async () => {
  const where = await room('demo')
  await page.act('outage', { kind: 'irc', ms: 1_500 })
  const lines = ['first', 'second', 'third']
  for (const text of lines) await page.act('matrix/send', { room: where, text })
  await page.act('irc/say', { place: 'demo/#town', who: 'Bob', text: 'said meanwhile' })
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
  await page.act('outage', { kind: 'homeserver', ms: 1_000 })
  const refused = await page.send('matrix/send', { room: await room('plain'), text: 'nobody there' })
  expect(refused.status).toBe(409)
  for (const text of ['one', 'two']) await page.act('irc/say', { place, who: 'Carol', text })
  const arrived = await seen('plain', 'both lines', (matrix) => {
    const items = matrix.filter(({ text }) => text === 'one' || text === 'two')
    return items.length === 2 ? items : undefined
  })
  expect(arrived.map(({ text }) => text)).toEqual(['one', 'two'])
})

test('the events of the page bring every conversation, and stopping ends everything', async () => {
  const own = await demo({ port: Number(new URL(page.url).port), log: testLog })
  expect(own.url).not.toBe(page.url)
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
