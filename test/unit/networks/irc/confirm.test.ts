import { expect, test } from 'vitest'
import { deliveryId } from '../../../../src/model/ids.ts'
import type { Batch } from '../../../../src/networks/irc/batch.ts'
import { fold } from '../../../../src/networks/irc/casemap.ts'
import { Confirm } from '../../../../src/networks/irc/confirm.ts'
import type { Confirming } from '../../../../src/networks/irc/confirm.ts'
import type { Evidence, Ticket } from '../../../../src/networks/irc/ticket.ts'
import { parseLine } from '../../../../src/networks/irc/wire.ts'
import type { IrcMessage } from '../../../../src/networks/irc/wire.ts'
import { ManualClock, settled } from '../../../support/manual-clock.ts'

const ALL = ['labeled-response', 'batch', 'echo-message']

function setup(caps: string[]) {
  const clock = new ManualClock()
  const fences: string[] = []
  const late: Ticket[] = []
  let dead = 0
  const link: Confirming & { silentMs: number; paused: boolean } = {
    epoch: 'e1',
    silentMs: 0,
    paused: false,
    fold: (name) => fold(name, 'rfc1459'),
    isMe: (nick) => nick?.toLowerCase() === 'alice',
    has: (cap) => caps.includes(cap),
    writeFence: (line, written) => {
      fences.push(line.params[0] ?? '')
      written()
    },
    fencePassed: () => undefined,
    dead: () => void dead++,
  }
  const confirm = new Confirm(link, clock, (ticket) => late.push(ticket))
  const expectText = (target: string, text: string) => {
    const ticket = confirm.expect({
      kind: 'message',
      command: 'PRIVMSG',
      names: [link.fold(target)],
      text,
      delivery: deliveryId(1),
    })
    confirm.written(ticket)
    return ticket
  }
  const push = (line: string) => confirm.push(parse(line))
  const pong = () => push(`:s PONG s :${fences.at(-1)}`)
  return { clock, link, confirm, fences, late, dead: () => dead, expectText, push, pong }
}

function parse(line: string): IrcMessage {
  const message = parseLine(line)
  if (message === undefined) throw new Error(`no line: ${line}`)
  return message
}

/** What a ticket has come to by now. */
async function now(ticket: Ticket): Promise<Evidence | undefined> {
  await settled()
  return Promise.race([ticket.evidence, Promise.resolve(undefined)])
}

test.each([
  [ALL, 'T1'],
  [['labeled-response', 'batch'], 'T1b'],
  [['echo-message'], 'T2'],
  [['labeled-response'], 'T3'],
  [[], 'T3'],
] as const)('%j gives %s', (caps, tier) => {
  expect(setup([...caps]).confirm.tier).toBe(tier)
})

test('T1: the labelled echo counts, with its id; an unlabelled line of ours does not', async () => {
  const { expectText, push, fences } = setup(ALL)
  const ticket = expectText('bob', 'hi')
  expect(push('@msgid=m0 :alice!a@h PRIVMSG carol :hi')).toHaveLength(1)
  expect(await now(ticket)).toBeUndefined()
  expect(push(`@label=${ticket.label};msgid=m1 :alice!a@h PRIVMSG bob :hi`)).toEqual([])
  expect(await now(ticket)).toMatchObject({ kind: 'accepted', msgid: 'm1', text: 'hi' })
  expect(fences).toEqual([])
})

test('T1: an answer of several lines is the echo, and what a service says to it', async () => {
  const { expectText, confirm } = setup(ALL)
  const ticket = expectText('NickServ', 'HELP')
  const reply = parse(':NickServ!s@h NOTICE alice :no help')
  const batch: Batch = {
    batch: 'labeled-response',
    id: '1',
    params: [],
    tags: { label: ticket.label ?? '' },
    items: [
      parse('@msgid=m1 :alice!a@h PRIVMSG NickServ :HELP'),
      parse(':s 301 alice NickServ :away'),
      reply,
    ],
    incomplete: false,
  }
  expect(confirm.push(batch)).toMatchObject([{ command: '301' }, { command: 'NOTICE' }])
  expect(await now(ticket)).toMatchObject({ kind: 'accepted', msgid: 'm1' })
})

test('T1: no answer: a fence behind it tells; an error that comes without its label before it counts', async () => {
  for (const error of [undefined, ':s 417 alice :Input line was too long', ':s 404 alice #TEA :no']) {
    const { clock, expectText, push, pong, fences } = setup(ALL)
    const ticket = expectText('#tea', 'hi')
    await clock.advance(2_000)
    expect(fences).toHaveLength(1)
    if (error !== undefined) expect(push(error)).toEqual([])
    pong()
    expect(await now(ticket)).toMatchObject({ kind: error === undefined ? 'accepted' : 'refused' })
  }
})

test('T2: echoes belong to the oldest line of the same target, by preference of the same text', async () => {
  const { expectText, push } = setup(['echo-message'])
  const [one, two, other] = [
    expectText('#Tea', 'same'),
    expectText('#tea', 'same'),
    expectText('#tea', 'other'),
  ]
  push('@msgid=a :alice!a@h PRIVMSG #TEA :other')
  push('@msgid=b :alice!a@h PRIVMSG #TEA :same')
  push('@msgid=c :alice!a@h PRIVMSG #TEA :same')
  expect([await now(one), await now(two), await now(other)]).toMatchObject([
    { msgid: 'b' },
    { msgid: 'c' },
    { msgid: 'a' },
  ])
  // A fourth is not ours: another client of the account said it.
  expect(push('@msgid=d :alice!a@h PRIVMSG #tea :phone')).toHaveLength(1)
})

test('T3: the fence counts, and an error before it; lines written behind a fence wait for the next', async () => {
  const { expectText, push, fences, confirm } = setup([])
  const one = expectText('bob', 'hi')
  const two = expectText('carol', 'hi')
  expect(fences).toEqual(['f.e1.1', 'f.e1.2'])
  expect(push(':s 401 alice bob :No such nick')).toEqual([])
  push(':s PONG s f.e1.1')
  expect(await now(one)).toMatchObject({ kind: 'refused', command: '401' })
  expect(await now(two)).toBeUndefined()
  push(':s PONG s :f.e1.2')
  expect(await now(two)).toMatchObject({ kind: 'accepted' })
  expect(confirm.outstanding).toBe(0)
})

test('a refusal that comes after all is told for ten seconds, and not later', async () => {
  for (const [waitMs, told] of [
    [3_000, 1],
    [11_000, 0],
  ] as const) {
    const { clock, expectText, push, pong, late } = setup([])
    expectText('bob', 'hi')
    pong()
    await clock.advance(waitMs)
    // Looking at the next line forgets what is too old.
    expectText('carol', 'hi')
    pong()
    push(':s 401 alice bob :No such nick')
    expect(late).toHaveLength(told)
  }
})

test('a connection that ends leaves all in doubt, and takes nothing more', async () => {
  const { confirm, expectText } = setup(ALL)
  const ticket = expectText('bob', 'hi')
  const fence = confirm.fence()
  confirm.close()
  expect(await now(ticket)).toEqual({ kind: 'lost' })
  expect(await fence).toBe(false)
  expect(await now(expectText('bob', 'again'))).toEqual({ kind: 'lost' })
  expect(await confirm.fence()).toBe(false)
})

test('a server that says nothing at all is given up; one that only says nothing of the line is not', async () => {
  const quiet = setup([])
  quiet.expectText('bob', 'hi')
  quiet.link.silentMs = 31_000
  await quiet.clock.advance(31_000)
  expect(quiet.dead()).toBeGreaterThan(0)

  const talking = setup([])
  const ticket = talking.expectText('bob', 'hi')
  await talking.clock.advance(59_000)
  expect(await now(ticket)).toBeUndefined()
  await talking.clock.advance(2_000)
  expect(await now(ticket)).toEqual({ kind: 'silent' })
  expect(talking.dead()).toBe(0)
})

test('while the socket is not read, no deadline passes', async () => {
  const { clock, link, expectText, pong } = setup([])
  const ticket = expectText('bob', 'hi')
  link.paused = true
  await clock.advance(300_000)
  link.paused = false
  pong()
  expect(await now(ticket)).toMatchObject({ kind: 'accepted' })
})
