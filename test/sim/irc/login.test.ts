import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { ParsedLine } from './index.ts'
import { fingerprint, selfSigned } from './index.ts'
import { EVERY, start } from './test-server.ts'
import { TestSocket } from './test-socket.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const codes = (lines: readonly ParsedLine[]) => lines.map((line) => line.command)

test('SASL PLAIN logs in before registration ends, and refuses a wrong password and an unknown mechanism', async () => {
  const server = await start({ accounts: { Alice: { password: 'pw' } } })
  const socket = new TestSocket(server)
  const plain = (password: string) => [
    'AUTHENTICATE PLAIN',
    `AUTHENTICATE ${base64(`alice\0alice\0${password}`)}`,
  ]
  expect((await socket.ask('CAP REQ :sasl', 'NICK alice', ...plain('wrong'))).at(-1)?.command).toBe('904')
  expect(codes(await socket.ask('AUTHENTICATE SCRAM-SHA-256'))).toEqual(['908', '904'])
  expect(codes(await socket.ask('AUTHENTICATE PLAIN', 'AUTHENTICATE *'))).toEqual(['AUTHENTICATE', '906'])
  const done = await socket.ask(...plain('pw'))
  expect(codes(done)).toEqual(['AUTHENTICATE', '900', '903'])
  expect(done[1]?.params[2]).toBe('Alice')
  expect((await socket.ask('AUTHENTICATE PLAIN'))[0]?.command).toBe('907')
  await socket.ask('USER alice 0 * :a', 'CAP END')
  expect(codes(await socket.ask('WHOIS alice'))).toContain('330')
})

test('SASL data of more than 400 bytes comes in chunks; a longer chunk is refused', async () => {
  const password = 'x'.repeat(596)
  const server = await start({ accounts: { al: { password } } })
  const socket = new TestSocket(server)
  const data = base64(`\0al\0${password}`)
  expect(data.length % 400).toBe(0)
  await socket.ask('CAP REQ :sasl')
  const lines = data.match(/.{400}/g)?.map((chunk) => `AUTHENTICATE ${chunk}`) ?? []
  expect(codes(await socket.ask('AUTHENTICATE PLAIN', ...lines))).toEqual(['AUTHENTICATE'])
  expect(codes(await socket.ask('AUTHENTICATE +'))).toEqual(['900', '903'])
  const other = new TestSocket(server)
  await other.ask('CAP REQ :sasl', 'AUTHENTICATE PLAIN')
  expect(codes(await other.ask(`AUTHENTICATE ${'A'.repeat(401)}`))).toEqual(['905'])
})

test('SASL failures on demand', async () => {
  const server = await start({ accounts: { al: { password: 'pw' } } })
  const socket = new TestSocket(server)
  await socket.ask('CAP REQ :sasl')
  server.faults.sasl('902')
  server.faults.sasl('908')
  const attempt = () => socket.ask('AUTHENTICATE PLAIN', `AUTHENTICATE ${base64('\0al\0pw')}`)
  expect(codes(await attempt())).toEqual(['AUTHENTICATE', '902'])
  expect(codes(await attempt())).toEqual(['AUTHENTICATE', '908', '904'])
  expect(codes(await attempt())).toEqual(['AUTHENTICATE', '900', '903'])
})

test('TLS with a client certificate: NickServ CERT ADD, then SASL EXTERNAL', async () => {
  const tls = selfSigned('irc.sim')
  const mine = selfSigned('alice')
  const server = await start({ tls, accounts: { alice: { password: 'pw' } } })
  const options = { ca: tls.cert, servername: 'irc.sim', ...mine }
  const first = await new TestSocket(server, options).register('alice', EVERY)
  await first.ask('PRIVMSG NickServ :IDENTIFY alice pw')
  const added = await first.ask('PRIVMSG NickServ :CERT ADD')
  expect(added.at(-1)?.params[1]).toContain(fingerprint(mine.cert))
  const second = new TestSocket(server, options)
  expect(codes(await second.ask('CAP REQ :sasl', 'AUTHENTICATE EXTERNAL', 'AUTHENTICATE +'))).toEqual([
    'CAP',
    'AUTHENTICATE',
    '900',
    '903',
  ])
  const stranger = new TestSocket(server, { ...options, ...selfSigned('mallory') })
  expect(
    (await stranger.ask('CAP REQ :sasl', 'AUTHENTICATE EXTERNAL', 'AUTHENTICATE +')).at(-1)?.command,
  ).toBe('904')
})

test('NickServ: a labelled batch with echo and answer; GHOST and REGAIN', async () => {
  const server = await start({ accounts: { alice: { password: 'pw' } } })
  const holder = await server.client('alice')
  const socket = await new TestSocket(server).register('alice_', EVERY)
  const wrong = await socket.ask('@label=i PRIVMSG NickServ :IDENTIFY alice nope')
  expect(codes(wrong)).toEqual(['BATCH', 'PRIVMSG', 'NOTICE', 'BATCH'])
  expect(wrong[2]?.params[1]).toContain('Invalid password')
  expect((await socket.ask('PRIVMSG NickServ :GHOST alice nope')).at(-1)?.params[1]).toContain(
    'Access denied',
  )
  expect(holder.closed).toBe(false)
  await socket.ask('PRIVMSG nickserv :IDENTIFY alice pw', 'PRIVMSG NickServ :REGAIN alice')
  expect(holder.closed).toBe(true)
  expect((await socket.got('NICK')).params).toEqual(['alice'])
  expect(server.connections().map(({ nick }) => nick)).toEqual(['alice'])
  await socket.ask('JOIN #tea')
  const op = await server.client('op')
  op.join('#tea')
  await socket.ask('PRIVMSG ChanServ :OP #tea op')
  expect(server.channel('#tea')?.members).toContainEqual({ nick: 'op', prefix: '@' })
})

test('the user name comes from identd; without an answer it gets a tilde', async () => {
  const asked: string[] = []
  const identd = net.createServer((socket) => {
    socket.on('data', (data) => {
      asked.push(data.toString().trim())
      const [port] = data.toString().split(',')
      socket.end(
        asked.length === 1 ? `${port}, 1 : USERID : UNIX : mxalice\r\n` : `${port}, 1 : ERROR : NO-USER\r\n`,
      )
    })
  })
  await new Promise<void>((resolve) => identd.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void identd.close())
  const address = identd.address()
  const server = await start({ identd: { port: typeof address === 'object' ? (address?.port ?? 0) : 0 } })
  const known = await new TestSocket(server).register('alice')
  const unknown = await new TestSocket(server).register('bob')
  expect(asked[0]).toBe(`${known.socket.localPort} , ${server.port}`)
  expect((await known.ask('USERHOST alice'))[0]?.params[1]).toBe('alice=+mxalice@127.0.0.1')
  expect((await unknown.ask('USERHOST bob'))[0]?.params[1]).toBe('bob=+~bob@127.0.0.1')
})
