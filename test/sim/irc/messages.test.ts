import { expect, test } from 'vitest'
import type { ParsedLine } from './index.ts'
import { EVERY, start } from './test-server.ts'
import { TestSocket } from './test-socket.ts'

const texts = (lines: readonly ParsedLine[]) =>
  lines.filter((line) => line.command === 'PRIVMSG').map((line) => line.params[1])

/** A clock that stands still until it is set. */
function clock(): { now: () => Date; at: number } {
  const state = { at: Date.parse('2030-01-01T00:00:00.000Z'), now: () => new Date(state.at) }
  return state
}

test('a multiline batch is one message to who can read it, and lines to who cannot', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const old = await new TestSocket(server).register('old', 'message-tags')
  const bob = await server.client('bob')
  bob.join('#tea')
  await Promise.all([alice.ask('JOIN #tea'), old.ask('JOIN #tea')])
  const echo = await alice.ask(
    '@label=big BATCH +1 draft/multiline #tea',
    '@batch=1 PRIVMSG #tea :one ',
    '@batch=1;draft/multiline-concat PRIVMSG #tea :and a half',
    '@batch=1 PRIVMSG #tea :',
    '@batch=1 PRIVMSG #tea :two',
    'BATCH -1',
  )
  expect(bob.said('#tea')).toMatchObject([
    { from: 'alice', text: 'one and a half\n\ntwo', msgid: expect.any(String) },
  ])
  expect(echo[0]).toMatchObject({ command: 'BATCH', tags: { label: 'big', msgid: bob.said()[0]?.msgid } })
  expect(echo.filter((line) => line.tags['label'] !== undefined)).toHaveLength(1)
  const lines = (await old.ask()).concat(old.all('PRIVMSG'))
  expect(texts(lines)).toEqual(['one ', 'and a half', 'two'])
  expect(lines.map((line) => line.tags['msgid'] !== undefined)).toEqual([true, false, false])
})

test('multiline limits, a second target and blank text are refused with the label of the batch', async () => {
  const server = await start({
    caps: ['draft/multiline=max-bytes=10,max-lines=2', 'batch', 'labeled-response'],
  })
  const alice = await new TestSocket(server).register('alice', 'draft/multiline batch labeled-response')
  await alice.ask('JOIN #tea')
  const send = (...inner: string[]) =>
    alice.ask(
      '@label=x BATCH +r draft/multiline #tea',
      ...inner.map((line) => `@batch=r ${line}`),
      'BATCH -r',
    )
  const cases = [
    [['PRIVMSG #tea :12345', 'PRIVMSG #tea :67890'], 'MULTILINE_MAX_BYTES'],
    [['PRIVMSG #tea :1', 'PRIVMSG #tea :2', 'PRIVMSG #tea :3'], 'MULTILINE_MAX_LINES'],
    [['PRIVMSG #tea :1', 'PRIVMSG #milk :2'], 'MULTILINE_INVALID_TARGET'],
    [['PRIVMSG #tea :', 'PRIVMSG #tea :'], 'MULTILINE_INVALID'],
  ] as const
  for (const [inner, code] of cases) {
    const answer = await send(...inner)
    expect(answer).toHaveLength(1)
    expect(answer[0]).toMatchObject({ command: 'FAIL', tags: { label: 'x' } })
    expect(answer[0]?.params[1]).toBe(code)
  }
})

test('chathistory pages in every direction, by id and by time', async () => {
  const time = clock()
  const server = await start({ now: time.now })
  const bob = await server.client('bob')
  bob.join('#tea')
  for (let i = 0; i < 10; i++) {
    time.at += 1000
    bob.say('#tea', `${i}`)
  }
  const alice = await new TestSocket(server).register('alice', EVERY.replace('draft/event-playback', ''))
  await alice.ask('JOIN #tea')
  const ask = async (query: string) => texts(await alice.ask(`CHATHISTORY ${query}`))
  const latest = await alice.ask('CHATHISTORY LATEST #tea * 100')
  const ids = latest.map((line) => line.tags['msgid'] ?? '').filter((id) => id !== '')
  expect(latest[0]?.params.slice(1)).toEqual(['chathistory', '#tea'])
  expect(texts(latest)).toHaveLength(10)
  expect(latest[1]?.tags['time']).toBe('2030-01-01T00:00:01.000Z')
  expect(await ask('LATEST #tea * 2')).toEqual(['8', '9'])
  expect(await ask(`LATEST #tea msgid=${ids[6]} 2`)).toEqual(['8', '9'])
  expect(await ask(`BEFORE #tea msgid=${ids[3]} 2`)).toEqual(['1', '2'])
  expect(await ask('AFTER #tea timestamp=2030-01-01T00:00:08.000Z 5')).toEqual(['8', '9'])
  expect(await ask(`AROUND #tea msgid=${ids[5]} 3`)).toEqual(['4', '5', '6'])
  expect(await ask(`BETWEEN #tea msgid=${ids[2]} msgid=${ids[6]} 2`)).toEqual(['3', '4'])
  expect(await ask(`BETWEEN #tea msgid=${ids[6]} msgid=${ids[2]} 2`)).toEqual(['4', '5'])
})

test('chathistory has multiline messages as inner batches, events on request, and conversations by TARGETS', async () => {
  const time = clock()
  const server = await start({ now: time.now })
  const bob = await server.client('bob')
  const alice = await new TestSocket(server).register('alice', EVERY)
  await alice.ask('JOIN #tea')
  bob.join('#tea')
  time.at += 1000
  bob.say('#tea', 'first\nsecond')
  bob.say('alice', 'psst')
  await alice.fence()
  const lines = await alice.ask('@label=h CHATHISTORY LATEST #tea * 10')
  expect(lines[0]?.tags['label']).toBe('h')
  const outer = lines[0]?.params[0]?.slice(1)
  expect(lines.slice(1).map((line) => line.command)).toEqual([
    'JOIN',
    'JOIN',
    'BATCH',
    'PRIVMSG',
    'PRIVMSG',
    'BATCH',
    'BATCH',
  ])
  const inner = lines.find((line) => line.params[1] === 'draft/multiline')
  expect(inner?.tags['batch']).toBe(outer)
  expect(lines.filter((line) => line.tags['batch'] === inner?.params[0]?.slice(1))).toHaveLength(2)
  const targets = await alice.ask(
    'CHATHISTORY TARGETS timestamp=2030-01-01T00:00:00.500Z timestamp=2030-01-01T00:00:02.000Z 10',
  )
  expect(targets.slice(1, -1).map((line) => line.params[1])).toEqual(['#tea', 'bob'])
  expect(texts(await alice.ask('CHATHISTORY LATEST bob * 10'))).toEqual(['psst'])
})

test('chathistory refuses what it cannot answer, and can lag', async () => {
  const time = clock()
  const server = await start({ now: time.now })
  const alice = await new TestSocket(server).register('alice', EVERY)
  await alice.ask('JOIN #tea', 'PRIVMSG #tea :now')
  const code = async (query: string) => (await alice.ask(`CHATHISTORY ${query}`))[0]?.params[1]
  expect(await code('LATEST #other * 10')).toBe('INVALID_TARGET')
  expect(await code('LATEST #tea *')).toBe('NEED_MORE_PARAMS')
  expect(await code('AFTER #tea sequence=1 10')).toBe('INVALID_MSGREFTYPE')
  expect(await code('SIDEWAYS #tea * 10')).toBe('INVALID_PARAMS')
  server.faults.historyLagMs = 3000
  expect(texts(await alice.ask('CHATHISTORY LATEST #tea * 10'))).toEqual([])
  time.at += 3000
  expect(texts(await alice.ask('CHATHISTORY LATEST #tea * 10'))).toEqual(['now'])
  server.faults.emptyHistory()
  expect((await alice.ask('CHATHISTORY LATEST #tea * 10')).map((line) => line.command)).toEqual([
    'BATCH',
    'BATCH',
  ])
})

test('client-only tags are relayed unless CLIENTTAGDENY blocks them', async () => {
  const server = await start({ isupport: { CLIENTTAGDENY: '*,-draft/react,-reply' } })
  const alice = await new TestSocket(server).register('alice', EVERY)
  const bob = await server.client('bob')
  bob.join('#tea')
  await alice.ask('JOIN #tea')
  await alice.ask('@+draft/react=👍;+reply=m1;+typing=active;label=l TAGMSG #tea')
  const line = bob.lines.at(-1)
  expect(line).toMatchObject({ command: 'TAGMSG', params: ['#tea'] })
  expect(Object.entries(line?.tags ?? {}).filter(([key]) => key.startsWith('+'))).toEqual([
    ['+draft/react', '👍'],
    ['+reply', 'm1'],
  ])
  bob.reply('#tea', 'm1', 'indeed')
  expect((await alice.ask()).concat(alice.all('PRIVMSG')).at(-1)?.tags).toMatchObject({ '+reply': 'm1' })
})

test('redaction: own messages, forbidden, unknown, and gone from the history', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const bob = await server.client('bob')
  bob.join('#tea')
  await alice.ask('JOIN #tea')
  bob.say('#tea', 'from bob')
  const [own] = await alice
    .ask('PRIVMSG #tea :oops')
    .then((lines) => lines.filter((l) => l.source.nick === 'alice'))
  const ofBob = (await alice.got('PRIVMSG')).tags['msgid']
  const code = async (line: string) => (await alice.ask(line))[0]?.params[1]
  expect(await code(`REDACT #tea ${ofBob}`)).toBe('REDACT_FORBIDDEN')
  expect(await code('REDACT #tea m999')).toBe('UNKNOWN_MSGID')
  server.faults.redact('REDACT_WINDOW_EXPIRED')
  expect(await code(`REDACT #tea ${own?.tags['msgid']}`)).toBe('REDACT_WINDOW_EXPIRED')
  await alice.ask(`REDACT #tea ${own?.tags['msgid']} :typo`)
  expect(bob.lines.at(-1)).toMatchObject({ command: 'REDACT', params: ['#tea', own?.tags['msgid'], 'typo'] })
  expect(texts(await alice.ask('CHATHISTORY LATEST #tea * 10'))).toEqual(['from bob'])
})

test('RELAYMSG speaks for a nick with a separator, by operators only', async () => {
  const server = await start()
  const op = await server.client('op')
  const alice = await new TestSocket(server).register('alice', EVERY)
  op.join('#tea')
  await alice.ask('JOIN #tea')
  op.raw('RELAYMSG #tea dora/m :hello')
  expect(await alice.got('PRIVMSG')).toMatchObject({
    source: { nick: 'dora/m' },
    tags: { 'draft/relaymsg': 'op' },
  })
  expect((await alice.ask('RELAYMSG #tea x/m :no'))[0]?.params.slice(0, 2)).toEqual([
    'RELAYMSG',
    'PRIVS_NEEDED',
  ])
  op.raw('RELAYMSG #tea dora :no separator')
  expect(op.lines.at(-1)?.params[1]).toBe('INVALID_NICK')
})

test('a read marker goes forward only', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const ask = async (line: string) => (await alice.ask(line))[0]?.params[1]
  expect(await ask('MARKREAD #tea')).toBe('*')
  expect(await ask('MARKREAD #tea timestamp=2030-01-02T00:00:00.000Z')).toBe(
    'timestamp=2030-01-02T00:00:00.000Z',
  )
  expect(await ask('MARKREAD #tea timestamp=2030-01-01T00:00:00.000Z')).toBe(
    'timestamp=2030-01-02T00:00:00.000Z',
  )
})

test('a split shows as a batch or as plain QUITs, and the way back keeps modes and what was sent', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const plain = await new TestSocket(server).register('plain')
  const bob = await server.client('bob')
  bob.join('#tea')
  await Promise.all([alice.ask('JOIN #tea'), plain.ask('JOIN #tea')])
  server.netsplit('far.sim', ['bob'])
  expect((await alice.got('QUIT')).params).toEqual(['irc.sim far.sim'])
  expect(alice.all('BATCH').some((line) => line.params[1] === 'netsplit')).toBe(true)
  expect((await plain.got('QUIT')).raw).toBe(':bob!bob@127.0.0.1 QUIT :irc.sim far.sim')
  expect(server.channel('#tea')?.members.map(({ nick }) => nick)).toEqual(['alice', 'plain'])
  bob.say('#tea', 'anyone?')
  expect((await alice.ask('PRIVMSG bob :hi'))[0]?.command).toBe('401')
  server.netjoin('far.sim')
  expect((await alice.got('PRIVMSG')).params).toEqual(['#tea', 'anyone?'])
  expect((await alice.got('MODE')).params).toEqual(['#tea', '+o', 'bob'])
  expect(server.channel('#tea')?.members).toContainEqual({ nick: 'bob', prefix: '@' })
})
