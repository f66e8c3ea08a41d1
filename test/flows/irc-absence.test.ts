import { onTestFinished, expect, test } from 'vitest'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { SimIrc } from '../sim/irc/index.ts'
import { testIrc, testNetwork } from '../support/irc-config.ts'
import { enter } from '../support/killed-world.ts'
import { Stack, words } from '../support/stack.ts'

/** What the user is asked at a login with an account. */
const ANSWERS: readonly [string, string][] = [
  ['how do you log in', 'password'],
  ['which nick', 'alice'],
  ['what is your account', 'alice'],
  ['password of your account', 'hush'],
]

test('while the bridge is away: what others and the user said comes, what Matrix users said does not come back', async () => {
  const irc = await SimIrc.start({ accounts: { alice: { password: 'hush' } } })
  const config = testIrc(testNetwork('sim', irc.port))
  const stack = await Stack.start(() => [new IrcConnector(config, { backoffMs: 50 })])
  onTestFinished(async () => {
    await stack.close()
    await irc.close()
  })
  const alice = await stack.person('alice')
  let question = await alice.ask('login irc', '')
  for (let step = 0; step < 6 && !question.includes('✅'); step++) {
    const [, answer = '-'] = ANSWERS.find(([text]) => question.toLowerCase().includes(text)) ?? []
    question = await alice.ask(answer, '')
  }
  const bob = await irc.client('bob')
  const room = await enter(alice, bob, '#town', [])
  bob.say('#town', 'first')
  const told = () => words(stack.homeserver, room)
  await stack.homeserver.waitFor(() => told().some((line) => line.endsWith('first')), 'the first line')
  for (const text of ['mine', 'mine again']) {
    await alice.user.sendText(room, text)
    await bob.waitFor(() => bob.said('#town').some((line) => line.text === text), text)
  }
  const react = await alice.user.sendText(room, 'a poll of sorts')
  await bob.waitFor(() => bob.said('#town').some((line) => line.text === 'a poll of sorts'), 'the third')
  await alice.user.edit(room, react, 'a pool of sorts')
  await bob.waitFor(() => bob.said('#town').some((line) => /pool/.test(line.text)), 'the correction')

  irc.faults.refuseConnections({ text: 'Closing Link: (later)' }, 3)
  irc.kill('alice')
  const phone = await irc.client('alice', { account: 'alice' })
  phone.join('#town')
  phone.say('#town', 'from my phone')
  phone.quit()
  bob.say('#town', 'while you were away')

  await stack.homeserver.waitFor(
    () => told().some((line) => line.endsWith('while you were away')),
    'what was missed',
  )
  bob.say('#town', 'live')
  await stack.homeserver.waitFor(() => told().some((line) => line.endsWith('live')), 'the live line')
  const bodies = told().map((line) => line.slice(line.indexOf(': ') + 2))
  const from = bodies.indexOf('first')
  const notices = ['* ', 'IRC cannot', 'What you write with another app']
  const own = bodies.slice(from).filter((body) => !notices.some((notice) => body.startsWith(notice)))
  expect(own).toEqual([
    'first',
    'mine',
    'mine again',
    'a poll of sorts',
    'from my phone',
    'while you were away',
    'live',
  ])
})
