import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PollContent } from '../../src/model/content.ts'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { RemoteEvent } from '../../src/model/remote-event.ts'
import { FakeWorld } from '../support/worlds.ts'

const START = 'org.matrix.msc3381.poll.start'
const RESPONSE = 'org.matrix.msc3381.poll.response'
const END = 'org.matrix.msc3381.poll.end'

let world: FakeWorld
let room: string
let count = 0

beforeEach(async () => {
  world = await FakeWorld.start()
  room = await world.join('#town')
})

afterEach(() => world.close())

const lunch: PollContent = {
  kind: 'poll',
  question: 'Lunch?',
  options: [
    { id: 'ff00', text: 'Pizza' },
    { id: 'ff01', text: 'Soup' },
  ],
  maxSelections: 1,
}

type Told<K extends RemoteEvent['kind']> = Extract<RemoteEvent, { kind: K }>
async function tell<K extends RemoteEvent['kind']>(
  what: Omit<Told<K>, 'chat' | 'id' | 'at' | 'sender'> & { kind: K; sender?: Told<K>['sender'] },
  nick = 'bob',
) {
  const id = remoteMessageId(`p${(count += 1)}`)
  const base = { chat: world.network.channel('#town'), id, at: new Date(), sender: person(nick) }
  await world.network.tell({ ...base, ...what } as unknown as RemoteEvent)
  return id
}

const person = (nick: string) => ({ id: remoteUserId(`fake/${nick}`), name: nick })

const events = (type: string) => world.homeserver.timeline(room).filter((event) => event.type === type)
const some = async (type: string, number: number) => {
  await world.homeserver.waitFor(() => events(type).length === number, `${number} of ${type}`)
  return events(type)
}
const answers = () =>
  events(RESPONSE).map(({ sender, content }) => [
    sender.replace(':sim.local', ''),
    (content[RESPONSE] as { answers: string[] }).answers,
  ])

/** Alice makes a poll; the network gives the answers names of its own. */
async function aliceAsks(): Promise<{ event: string; remote: ReturnType<typeof remoteMessageId> }> {
  const remote = remoteMessageId('poll-77')
  world.network.answers.push(() => ({ kind: 'delivered', remoteIds: [remote], optionIds: ['aa', 'bb'] }))
  const event = await world.alice.user.send(room, START, {
    [START]: {
      question: { 'org.matrix.msc1767.text': 'Tea?' },
      kind: 'org.matrix.msc3381.poll.disclosed',
      max_selections: 1,
      answers: [
        { id: 'yes-id', 'org.matrix.msc1767.text': 'Yes' },
        { id: 'no-id', 'org.matrix.msc1767.text': 'No' },
      ],
    },
  })
  await world.homeserver.waitFor(() => world.network.sent.length === 1, 'the poll')
  return { event, remote }
}

const votes = (event: string, ids: string[]) =>
  world.alice.user.send(room, RESPONSE, {
    'm.relates_to': { rel_type: 'm.reference', event_id: event },
    [RESPONSE]: { answers: ids },
  })

test('a poll of the network takes votes from both sides, with changes and retractions', async () => {
  const poll = await tell<'message'>({ kind: 'message', content: lunch })
  const [start] = await some(START, 1)
  await tell<'poll-vote'>({ kind: 'poll-vote', target: poll, optionIds: ['ff01'] })
  await tell<'poll-vote'>({ kind: 'poll-vote', target: poll, optionIds: ['ff00'] }, 'carol')
  await tell<'poll-vote'>({ kind: 'poll-vote', target: poll, optionIds: ['ff00'] })
  await tell<'poll-vote'>({ kind: 'poll-vote', target: poll, optionIds: [] }, 'carol')
  await some(RESPONSE, 4)
  expect(answers()).toEqual([
    ['@_irc_fake_bob', ['ff01']],
    ['@_irc_fake_carol', ['ff00']],
    ['@_irc_fake_bob', ['ff00']],
    ['@_irc_fake_carol', []],
  ])
  await votes(start?.event_id ?? '', ['ff01'])
  await votes(start?.event_id ?? '', [])
  await world.homeserver.waitFor(() => world.network.sent.length === 2, 'her votes')
  expect(world.network.sent.map(({ action }) => action)).toMatchObject([
    { kind: 'poll-vote', target: { remoteIds: [poll] }, options: [{ id: 'ff01', text: 'Soup' }] },
    { kind: 'poll-vote', options: [] },
  ])
})

test('a poll from Matrix is known to the network by the names that it gave its answers', async () => {
  const { event, remote } = await aliceAsks()
  await tell<'poll-vote'>({ kind: 'poll-vote', target: remote, optionIds: ['bb'] })
  await some(RESPONSE, 1)
  expect(answers()).toEqual([['@_irc_fake_bob', ['no-id']]])
  await votes(event, ['yes-id'])
  await world.homeserver.waitFor(() => world.network.sent.length === 2, 'her vote')
  expect(world.network.sent[1]?.action).toMatchObject({
    kind: 'poll-vote',
    target: { remoteIds: [remote] },
    options: [{ id: 'aa', text: 'Yes' }],
  })
  // The network tells her own vote as well; it is in the room already.
  const [login] = await world.network.host.logins('irc')
  const own = { ...person('ally'), ...(login && { self: login.id }) }
  await tell<'poll-vote'>({ kind: 'poll-vote', target: remote, optionIds: ['aa'], sender: own })
  await tell<'poll-vote'>({ kind: 'poll-vote', target: remote, optionIds: [] })
  await world.homeserver.waitFor(() => answers().length === 3, 'the retraction')
  expect(answers().map(([who]) => who)).toEqual(['@_irc_fake_bob', '@alice', '@_irc_fake_bob'])
})

test('a poll ends on both sides, and takes no votes after that', async () => {
  const poll = await tell<'message'>({ kind: 'message', content: lunch })
  const [start] = await some(START, 1)
  await tell<'poll-end'>({ kind: 'poll-end', target: poll })
  const [end] = await some(END, 1)
  expect(end?.sender).toBe('@_irc_fake_bob:sim.local')
  // The end is seen before it is written down.
  await world.quiet()
  await votes(start?.event_id ?? '', ['ff01'])
  await world.see(room, 'Not delivered: The poll has ended.')
  const { event, remote } = await aliceAsks()
  await world.alice.user.send(room, END, {
    'm.relates_to': { rel_type: 'm.reference', event_id: event },
    [END]: {},
  })
  await world.homeserver.waitFor(() => world.network.sent.length === 2, 'the end')
  expect(world.network.sent[1]?.action).toMatchObject({ kind: 'poll-end', target: { remoteIds: [remote] } })
  await tell<'poll-end'>({ kind: 'poll-end', target: remote })
  await world.quiet()
  expect(events(END)).toHaveLength(2)
})

test('somebody else than its author cannot end a poll on Matrix: the bot does', async () => {
  const { remote } = await aliceAsks()
  await tell<'poll-end'>({ kind: 'poll-end', target: remote })
  const [end] = await some(END, 1)
  expect(end?.sender).toBe('@viaductbot:sim.local')
})

test('votes without names are shown as counts, in one notice that is kept up', async () => {
  const poll = await tell<'message'>({ kind: 'message', content: { ...lunch, anonymous: true } })
  await some(START, 1)
  const tally = (votesFor: number[], voters: number) =>
    tell<'poll-tally'>({
      kind: 'poll-tally',
      target: poll,
      counts: votesFor.map((votesOf, i) => ({ optionId: `ff0${i}`, votes: votesOf })),
      voters,
    })
  await tally([1, 0], 1)
  await world.see(room, '👍 Pizza — 1 (100%)')
  await tally([1, 3], 4)
  await world.see(room, '👍 Soup — 3 (75%)\n4 voters')
  const notices = events('m.room.message').filter(({ sender }) => sender.includes('viaductbot'))
  expect(notices).toHaveLength(2)
  expect(notices[1]?.content['m.relates_to']).toMatchObject({
    rel_type: 'm.replace',
    event_id: notices[0]?.event_id,
  })
})

test('a quiz is a poll that says so; one that is over is shown as over', async () => {
  await tell<'message'>({ kind: 'message', content: { ...lunch, quiz: { correct: 'ff01' }, closed: true } })
  const [start] = await some(START, 1)
  await some(END, 1)
  expect(JSON.stringify(start?.content)).toContain('Quiz: Lunch?')
})
