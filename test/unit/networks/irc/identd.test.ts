import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../src/model/clock.ts'
import { IdentServer } from '../../../../src/networks/irc/identd.ts'
import { silentLog } from './fake-host.ts'
import { connected, world } from './setup.ts'

async function ask(port: number, query: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (bytes) => (answer += bytes.toString()))
  socket.write(query)
  await once(socket, 'close')
  return answer
}

async function start(): Promise<IdentServer> {
  const server = new IdentServer(systemClock, silentLog)
  await server.listen('127.0.0.1', 0)
  onTestFinished(() => server.close())
  return server
}

/** A connection whose both ends are in this process. */
async function pair(): Promise<Socket> {
  const listener = createServer((socket) => socket.on('error', () => undefined))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  onTestFinished(() => {
    socket.destroy()
    listener.close()
  })
  return socket
}

test('tells whose connection it is, also after its end', async () => {
  const server = await start()
  const socket = await pair()
  const { localPort, remotePort } = socket
  server.watch(socket, 'alice')
  expect(await ask(server.port, `${localPort}, ${remotePort}\r\n`)).toBe(
    `${localPort}, ${remotePort} : USERID : UNIX : alice\r\n`,
  )
  socket.destroy()
  await once(socket, 'close')
  expect(await ask(server.port, `${localPort},${remotePort}\n`)).toContain('USERID')
})

test('waits for a connection that it is about to be told of', async () => {
  const server = await start()
  const socket = await pair()
  const answer = ask(server.port, `${socket.localPort},${socket.remotePort}\r\n`)
  setImmediate(() => server.watch(socket, 'bob'))
  expect(await answer).toContain('UNIX : bob')
})

test('gives nothing away about anything else', async () => {
  const server = await start()
  expect(await ask(server.port, '1, 2\r\n')).toBe('1, 2 : ERROR : NO-USER\r\n')
  expect(await ask(server.port, 'hello\r\n')).toContain('ERROR : INVALID-PORT')
  expect(await ask(server.port, '9'.repeat(500))).toContain('ERROR')
})

test('a server that asks learns a different ident for each user', async () => {
  const probe = await start()
  const port = probe.port
  await probe.close()
  const w = await world({ caps: 'all', identd: { port } }, {}, { identd: { host: '127.0.0.1', port } })
  const logins = [await w.host.login(1, 'alexandria', 'sim'), await w.host.login(2, 'alexandrine', 'sim')]
  await w.connector.start(w.host)
  for (const login of logins) await connected(w, login)
  const users = w.server.connections().map(({ user }) => user)
  expect(new Set(users).size).toBe(2)
  expect(users.every((user) => user.startsWith('alexandr'))).toBe(true)
})
