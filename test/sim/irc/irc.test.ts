import { expect, test } from 'vitest'
import { ALL_CAPS } from './index.ts'
import { EVERY, start } from './test-server.ts'
import { TestSocket } from './test-socket.ts'

test('registration lists every capability over several lines and ends in 001 to 005 and 422', async () => {
  const server = await start({ isupport: { CLIENTTAGDENY: '*,-typing', AWAYLEN: '' } })
  const socket = await new TestSocket(server).register('alice', EVERY)
  const ls = socket.all('CAP').filter((line) => line.params[1] === 'LS')
  expect(ls.length).toBeGreaterThan(1)
  expect(ls.slice(0, -1).every((line) => line.params[2] === '*')).toBe(true)
  const offered = ls.flatMap((line) => line.params.at(-1)?.split(' ') ?? [])
  expect(offered).toContain('draft/multiline=max-bytes=4096,max-lines=100')
  expect(offered).toHaveLength(ALL_CAPS.size)
  expect(socket.all('001')[0]?.params[1]).toContain('alice!alice@127.0.0.1')
  const tokens = socket.all('005').flatMap((line) => line.params.slice(1, -1))
  expect(tokens).toContain('PREFIX=(qaohv)~&@%+')
  expect(tokens).toContain('CLIENTTAGDENY=*,-typing')
  expect(tokens.some((token) => token.startsWith('AWAYLEN'))).toBe(false)
  expect(socket.all('422')).toHaveLength(1)
  expect(server.connections()).toMatchObject([{ nick: 'alice', user: 'alice' }])
})

test('a request with an unknown capability changes nothing; CAP NEW and DEL are announced', async () => {
  const server = await start({ caps: ['sasl=PLAIN', 'cap-notify', 'batch'] })
  const socket = await new TestSocket(server).register('alice', 'cap-notify')
  const [nak] = await socket.ask('CAP REQ :batch nothing-known')
  expect(nak?.params).toEqual(['alice', 'NAK', 'batch nothing-known'])
  expect(server.connections()[0]?.caps).toEqual(['cap-notify'])
  server.capDel('sasl')
  server.capNew('sasl')
  await socket.fence()
  expect(
    socket
      .all('CAP')
      .slice(-2)
      .map((line) => line.params.slice(1)),
  ).toEqual([
    ['DEL', 'sasl'],
    ['NEW', 'sasl=PLAIN,EXTERNAL'],
  ])
})

test('nicks: 433 in use by casemapping, 432 not allowed or too long, then a free one', async () => {
  const server = await start({ casemapping: 'rfc1459', nickLen: 9 })
  await server.client('bob[]')
  const socket = new TestSocket(server)
  socket.write('NICK BOB{}', 'NICK 9lives', 'NICK toolongnick', 'NICK ok', 'USER u 0 * :r')
  await socket.got('001')
  expect(socket.lines.slice(0, 3).map((line) => line.command)).toEqual(['433', '432', '432'])
})

test('a wrong server password gives 464 and ERROR', async () => {
  const server = await start({ password: 'sesame' })
  const socket = new TestSocket(server)
  socket.write('PASS wrong', 'NICK a', 'USER a 0 * :a')
  await socket.gone()
  expect(socket.lines.map((line) => line.command)).toEqual(['464', 'ERROR'])
  const right = new TestSocket(server)
  right.write('PASS sesame')
  await right.register('a')
})

test('a message reaches the members with msgid, time and account where they have the capability', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const plain = await new TestSocket(server).register('plain')
  const bob = await server.client('bob', { account: 'bobs' })
  alice.write('JOIN #Tea')
  plain.write('JOIN #tea')
  await Promise.all([alice.fence(), plain.fence()])
  bob.join('#TEA')
  bob.say('#tea', 'hello there')
  const rich = await alice.got('PRIVMSG')
  expect(rich.params).toEqual(['#Tea', 'hello there'])
  expect(rich.tags).toMatchObject({ msgid: expect.any(String), time: expect.any(String), account: 'bobs' })
  expect((await plain.got('PRIVMSG')).raw).toBe(':bob!bob@127.0.0.1 PRIVMSG #Tea :hello there')
  expect(bob.said()).toEqual([])
  expect(bob.lines.at(-1)?.tags['msgid']).toBe(rich.tags['msgid'])
  expect(server.channel('#tea')?.members).toEqual([
    { nick: 'alice', prefix: '@' },
    { nick: 'plain', prefix: '' },
    { nick: 'bob', prefix: '' },
  ])
})

test('labels: on one line, on a batch, as ACK, and on errors', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const join = await alice.ask('@label=j JOIN #tea')
  expect(join[0]).toMatchObject({ command: 'BATCH', tags: { label: 'j' } })
  expect(join[0]?.params[1]).toBe('labeled-response')
  expect(join.slice(1, -1).every((line) => line.tags['batch'] === join[0]?.params[0]?.slice(1))).toBe(true)
  const [echo, ...more] = await alice.ask('@label=m PRIVMSG #TEA :hi')
  expect(more).toEqual([])
  expect(echo).toMatchObject({ command: 'PRIVMSG', params: ['#tea', 'hi'], tags: { label: 'm' } })
  expect((await alice.ask('@label=e PRIVMSG #none :hi'))[0]).toMatchObject({
    command: '403',
    tags: { label: 'e' },
  })
  expect((await alice.ask('@label=n NOTICE nobody :hi'))[0]).toMatchObject({
    command: 'ACK',
    tags: { label: 'n' },
  })
  const bare = await new TestSocket(server).register('bare', 'labeled-response batch')
  await bare.ask('JOIN #tea')
  expect((await bare.ask('@label=a PRIVMSG #tea :x')).map((line) => line.raw)).toEqual([
    '@label=a :irc.sim ACK',
  ])
})

test('a message to oneself comes twice, labelled once; an away recipient adds 301 to the batch', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const own = await alice.ask('@label=s PRIVMSG ALICE :me')
  expect(own.map((line) => [line.command, line.tags['label']])).toEqual([
    ['PRIVMSG', undefined],
    ['PRIVMSG', 's'],
  ])
  const bob = await server.client('bob')
  bob.raw('AWAY :gone fishing')
  const answer = await alice.ask('@label=b PRIVMSG bob :there?')
  expect(answer.map((line) => line.command)).toEqual(['BATCH', '301', 'PRIVMSG', 'BATCH'])
  expect(bob.said('alice')).toMatchObject([{ from: 'alice', text: 'there?' }])
})

test('membership: keys, limits, bans, invites, kicks, topics and modes with their numerics', async () => {
  const server = await start()
  const op = await server.client('op')
  const alice = await new TestSocket(server).register('alice', EVERY)
  op.join('#tea')
  op.mode('#tea', '+kl', 'secret', '1')
  expect((await alice.ask('JOIN #tea'))[0]?.command).toBe('475')
  expect((await alice.ask('JOIN #tea secret'))[0]?.command).toBe('471')
  op.mode('#tea', '-k+b-l', '*', 'alice')
  expect((await alice.ask('JOIN #tea'))[0]?.command).toBe('474')
  op.mode('#tea', '+e', 'alice!*@127.*')
  op.mode('#tea', '+i')
  expect((await alice.ask('JOIN #tea'))[0]?.command).toBe('473')
  op.topic('#tea', 'brewing')
  op.invite('alice', '#tea')
  const joined = await alice.ask('JOIN #tea')
  expect(joined.map((line) => line.command)).toEqual([
    'INVITE',
    'JOIN',
    '332',
    '333',
    'MARKREAD',
    '353',
    '366',
  ])
  op.mode('#tea', '+m')
  expect((await alice.ask('PRIVMSG #tea :x'))[0]?.params.at(-1)).toContain('+m')
  op.mode('#tea', '+vh', 'alice', 'alice')
  const names = await alice.ask('NAMES #tea')
  expect(names.find((line) => line.command === '353')?.params[3]).toContain('%+alice!alice@127.0.0.1')
  expect((await alice.ask('MODE #tea +b'))[0]?.params.slice(2, 3)).toEqual(['alice!*@*'])
  expect((await alice.ask('MODE #tea'))[0]?.params).toEqual(['alice', '#tea', '+imnt'])
  op.kick('#tea', 'alice', 'out')
  expect((await alice.got('KICK')).params).toEqual(['#tea', 'alice', 'out'])
  expect(server.channel('#tea')).toMatchObject({
    topic: 'brewing',
    modes: '+imnt',
    members: [{ nick: 'op' }],
  })
})

test('nick change, away, account, setname and quit reach those who share a channel', async () => {
  const server = await start({ accounts: { bob: { password: 'pw' } } })
  const alice = await new TestSocket(server).register('alice', EVERY)
  const bob = await server.client('bob')
  await alice.ask('JOIN #tea')
  bob.join('#tea')
  bob.raw('AWAY :tea')
  bob.raw('SETNAME :Bob B')
  bob.say('NickServ', 'IDENTIFY pw')
  bob.nickTo('rob')
  bob.quit('bye')
  const seen = (await alice.ask()).concat(alice.lines).filter((line) => /^(bob|rob)$/.test(line.source.nick))
  expect(new Set(seen.map((line) => line.command))).toEqual(
    new Set(['JOIN', 'AWAY', 'SETNAME', 'ACCOUNT', 'NICK', 'QUIT']),
  )
  expect(alice.all('JOIN').at(-1)?.params).toEqual(['#tea', '*', 'bob'])
  expect(bob.closed).toBe(true)
})

test('WHO, WHOIS, USERHOST, ISON, LIST and MONITOR know who is there', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  expect((await alice.ask('MONITOR + bob,carol')).map((line) => line.command)).toEqual(['731', '731'])
  const bob = await server.client('bob', { account: 'bobs' })
  bob.join('#tea')
  bob.raw('MODE bob +B')
  expect((await alice.got('730')).params[1]).toBe('bob!bob@127.0.0.1')
  expect((await alice.ask('WHO #tea'))[0]?.params.slice(1)).toEqual([
    '#tea',
    'bob',
    '127.0.0.1',
    'irc.sim',
    'bob',
    'HB@',
    '0 bob',
  ])
  const whois = await alice.ask('WHOIS bob')
  expect(whois.map((line) => line.command)).toEqual(['311', '319', '312', '330', '335', '318'])
  expect((await alice.ask('USERHOST bob'))[0]?.params[1]).toBe('bob=+bob@127.0.0.1')
  expect((await alice.ask('ISON bob carol'))[0]?.params[1]).toBe('bob')
  expect((await alice.ask('LIST')).map((line) => line.command)).toEqual(['321', '322', '323'])
  bob.quit()
  expect((await alice.got('731', 20)).params[1]).toBe('bob')
})

test.each([
  ['truncate', undefined],
  ['417', '417'],
  ['close', 'ERROR'],
] as const)('a line over 512 bytes: %s', async (overlong, answer) => {
  const server = await start({ overlong })
  const alice = await new TestSocket(server).register('alice', EVERY)
  await alice.ask('JOIN #tea')
  const bob = await server.client('bob', { caps: 'none' })
  bob.join('#tea')
  alice.write(`@label=x PRIVMSG #tea :${'é'.repeat(300)}`)
  if (answer === undefined) {
    const echo = await alice.got('PRIVMSG')
    expect(Buffer.byteLength(bob.lines.at(-1)?.raw ?? '')).toBeLessThanOrEqual(510)
    expect(Buffer.byteLength(bob.lines.at(-1)?.raw ?? '')).toBeGreaterThan(507)
    expect(echo.tags['label']).toBe('x')
  } else {
    expect((await alice.got(answer)).tags['label']).toBeUndefined()
    expect(bob.said()).toEqual([])
    expect(server.journal.some((entry) => entry.line.includes('é'))).toBe(false)
  }
})

test('the journal has every processed line in order, with who sent it', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice')
  await alice.ask('JOIN #tea', 'PRIVMSG #tea :one', '', 'PRIVMSG #tea :two')
  const own = server.journal.filter((entry) => entry.line.startsWith('PRIVMSG'))
  expect(own).toMatchObject([
    { nick: 'alice', user: 'alice', connection: 1, line: 'PRIVMSG #tea :one' },
    { nick: 'alice', line: 'PRIVMSG #tea :two' },
  ])
})

test('a restart keeps port and history, and empties the channels', async () => {
  const server = await start()
  const { port } = server
  const alice = await new TestSocket(server).register('alice', EVERY)
  await alice.ask('JOIN #tea', 'PRIVMSG #tea :before')
  await server.restart()
  await alice.gone()
  expect(server.port).toBe(port)
  expect(server.channel('#tea')).toBeUndefined()
  const again = await new TestSocket(server).register('alice', EVERY)
  const lines = await again.ask('JOIN #tea', 'CHATHISTORY LATEST #tea * 10')
  expect(lines.filter((line) => line.command === 'PRIVMSG').map((line) => line.params[1])).toEqual(['before'])
})

test('ten thousand messages come through a socket, in order', async () => {
  const server = await start()
  const alice = await new TestSocket(server).register('alice', EVERY)
  const bob = await server.client('bob')
  await alice.ask('JOIN #tea')
  bob.join('#tea')
  const texts = Array.from({ length: 10_000 }, (_, i) => `message ${i}`)
  for (const [i, text] of texts.entries()) alice.write(`@label=${i} PRIVMSG #tea :${text}`)
  await alice.fence()
  expect(bob.said('#tea').map(({ text }) => text)).toEqual(texts)
  expect(alice.all('PRIVMSG').map((line) => line.tags['label'])).toEqual(texts.map((_, i) => `${i}`))
})
