import { expect, test } from 'vitest'
import { start } from './test-server.ts'

test('said has what others said: no echo, no history, private messages under the other nick', async () => {
  const server = await start()
  const alice = await server.client('alice')
  alice.join('#tea')
  alice.say('#tea', 'before\nbob came')
  const bob = await server.client('bob')
  bob.join('#tea')
  bob.raw('CHATHISTORY LATEST #tea * 10')
  expect(bob.lines.some((line) => line.params[1] === 'before')).toBe(true)
  expect(bob.said()).toEqual([])
  alice.action('#TEA', 'waves')
  alice.notice('bob', 'psst')
  bob.say('#tea', 'mine')
  expect(bob.said('#tea')).toMatchObject([
    { from: 'alice', to: '#tea', text: '\x01ACTION waves\x01', command: 'PRIVMSG' },
  ])
  expect(bob.said('Alice')).toMatchObject([{ to: 'bob', text: 'psst', command: 'NOTICE' }])
  expect(alice.said().map(({ text }) => text)).toEqual(['mine'])
})

test('it has the capabilities asked for, the account given, and refuses to speak once closed', async () => {
  const server = await start({ caps: ['server-time', 'echo-message', 'account-tag'] })
  const plain = await server.client('plain', { caps: 'none' })
  const rich = await server.client('rich', { caps: ['account-tag', 'batch'], account: 'richard', user: 'rr' })
  expect(server.connections()).toMatchObject([
    { nick: 'plain', caps: [] },
    { nick: 'rich', user: 'rr', caps: ['account-tag'] },
  ])
  rich.say('plain', 'hi')
  plain.say('rich', 'hi')
  expect(plain.lines.at(-1)?.raw).toBe(':rich!rr@127.0.0.1 PRIVMSG plain :hi')
  rich.nickTo('richer')
  expect(rich.nick).toBe('richer')
  server.kill('richer')
  expect(rich.closed).toBe(true)
  expect(() => rich.say('plain', 'x')).toThrow('not connected')
  await expect(server.client('plain')).rejects.toThrow('refused plain')
})

test('a client that vanishes is seen to quit, and waiting in vain says for what', async () => {
  const server = await start()
  const [alice, bob] = [await server.client('alice'), await server.client('bob')]
  alice.join('#tea')
  bob.join('#tea')
  bob.vanish()
  await alice.waitFor(({ lines }) => lines.at(-1)?.command === 'QUIT', 'bob quits')
  await expect(server.waitFor(() => false, 'the impossible', 10)).rejects.toThrow('the impossible')
})
