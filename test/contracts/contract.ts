import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { matrixEventId } from '../../src/model/ids.ts'
import type { RemoteMessageId } from '../../src/model/ids.ts'
import type { SendOutcome } from '../../src/model/outcome.ts'
import type { RemoteAction, Target } from '../../src/model/remote-action.ts'
import { request } from '../unit/networks/irc/fake-host.ts'
import { deliver } from './world.ts'
import type { ContractWorld, Seen } from './world.ts'

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i}`)

/** What the core relies on, whatever the network. Every connector runs this suite. */
export function contract(name: string, makeWorld: () => Promise<ContractWorld>): void {
  describe(`the contract of a connector: ${name}`, () => {
    let world: ContractWorld

    beforeEach(async () => {
      world = await makeWorld()
    })

    afterEach(() => world.close())

    const row = (action: RemoteAction | string, saves: unknown[] = []) =>
      request({ chat: world.chat, login: world.login, action, saves })
    const send = (action: RemoteAction | string) => world.connector.send(row(action))
    const idsOf = (outcome: SendOutcome): RemoteMessageId[] => {
      expect(outcome.kind).toBe('delivered')
      return outcome.kind === 'delivered' ? outcome.remoteIds : []
    }
    const target = (remoteIds: RemoteMessageId[], own: boolean): Target => ({
      eventId: matrixEventId('$target'),
      remoteIds,
      author: world.contact,
      authorName: 'contact',
      own,
      at: new Date(),
      excerpt: 'something',
    })
    const text = (body: string): RemoteAction & { kind: 'message' } => ({
      kind: 'message',
      content: { kind: 'text', style: 'text', body },
    })

    test('messages go out and come in, in order', async () => {
      for (const body of numbered('out', 10)) expect(await send(body)).toMatchObject({ kind: 'delivered' })
      expect(world.heard()).toEqual(numbered('out', 10))
      for (const body of numbered('in', 10)) await world.say(body)
      await world.host.until(() => world.host.bodies(world.chat.id).length >= 10, 'all of it')
      expect(world.host.bodies(world.chat.id)).toEqual(numbered('in', 10))
      const [first] = world.host.of('message')
      expect(first).toMatchObject({ chat: { id: world.chat.id, network: world.connector.network } })
      expect(first?.sender).toMatchObject({ id: world.contact })
      expect(first?.at).toBeInstanceOf(Date)
    })

    test('the same words twice are two messages, with ids of their own', async () => {
      const ids = [...idsOf(await send('twice')), ...idsOf(await send('twice'))]
      expect(world.heard()).toEqual(['twice', 'twice'])
      await world.say('and twice')
      await world.say('and twice')
      await world.host.until(() => world.host.of('message').length >= 2, 'both')
      const all = [...ids, ...world.host.of('message').map(({ id }) => id)]
      expect(new Set(all).size).toBe(4)
    })

    test('a part is written down before it leaves', async () => {
      const heardAtSave: number[] = []
      const saved = row('written down')
      const save = saved.save.bind(saved)
      saved.save = async (progress) => {
        heardAtSave.push(world.heard().length)
        // What is kept has to survive a crash: it is JSON.
        expect(JSON.parse(JSON.stringify(progress))).toEqual(progress)
        await save(progress)
      }
      expect(await world.connector.send(saved)).toMatchObject({ kind: 'delivered' })
      expect(heardAtSave[0]).toBe(0)
    })

    test('what cannot be written down is not sent', async () => {
      const unkept = row('not kept')
      unkept.save = () => Promise.reject(new Error('the database is away'))
      await expect(world.connector.send(unkept)).rejects.toThrow('the database is away')
      await send('kept')
      expect(world.heard()).toEqual(['kept'])
    })

    test.each(['before', 'after'] as const)(
      'a connection that breaks %s a message: never twice',
      async (when) => {
        await send('earlier')
        world.breakAt(when)
        const saves: unknown[] = []
        const outcome = await deliver(world, row('once', saves), saves)
        const heard = world.heard().filter((each) => each === 'once').length
        if (world.tells) expect(outcome.kind).toBe('delivered')
        else expect(['delivered', 'unknown']).toContain(outcome.kind)
        expect(heard).toBe(outcome.kind === 'delivered' || when === 'after' ? 1 : 0)
        expect(await deliver(world, row('later'), [])).toMatchObject({ kind: 'delivered' })
        expect(world.heard().at(-1)).toBe('later')
      },
    )

    test('without a connection nothing is begun; when it is back the core is woken', async () => {
      await world.cut()
      const saves: unknown[] = []
      const outcome = await world.connector.send(row('patience', saves))
      expect(outcome).toMatchObject({ kind: 'retry', waitsFor: 'login' })
      expect(saves).toEqual([])
      const woken = world.host.woken.length
      await world.mend()
      const isOurs = (each: { login?: unknown }) => each.login === world.login.id
      await world.host.until(() => world.host.woken.slice(woken).some(isOurs), 'the wake-up')
      expect(await deliver(world, row('patience', saves), saves)).toMatchObject({ kind: 'delivered' })
      expect(world.heard()).toEqual(['patience'])
    })

    test('what the ledger does not take comes again, once and in order', async () => {
      await world.say('in 0')
      await world.host.until(() => world.host.bodies().length === 1, 'the first one')
      world.host.refuses = new Error('the database is away')
      const said = (async () => {
        for (const body of numbered('in', 5).slice(1)) await world.say(body)
      })()
      await send('meanwhile')
      expect(world.host.bodies()).toEqual(['in 0'])
      world.host.refuses = undefined
      await said
      await world.host.until(() => world.host.bodies().length >= 5, 'the others')
      expect(world.host.bodies()).toEqual(numbered('in', 5))
    })

    test('each ability that is called native is', async () => {
      const { connector, chat, login, host } = world
      const caps = connector.capabilities(chat, login)
      await world.say('a question')
      await host.until(() => host.bodies().length === 1, 'the question')
      const theirs = host.of('message').map(({ id }) => id)
      const ours = idsOf(await send('an answr'))
      const tried: [Seen, boolean, RemoteAction][] = [
        [
          'formatting',
          caps.formatting === 'native',
          { ...text('bold'), content: { kind: 'text', style: 'text', body: 'bold', html: '<b>bold</b>' } },
        ],
        ['reply', caps.replies === 'native', { ...text('indeed'), replyTo: target(theirs, false) }],
        [
          'reaction',
          caps.reactions === 'native',
          { kind: 'reaction', target: target(theirs, false), key: '👍' },
        ],
        [
          'reaction-removal',
          caps.reactions === 'native',
          { kind: 'reaction-removal', target: target(theirs, false), key: '👍' },
        ],
        [
          'edit',
          caps.edits === 'native',
          {
            kind: 'edit',
            target: target(ours, true),
            content: { kind: 'text', style: 'text', body: 'an answer' },
          },
        ],
        ['redaction', caps.redactions === 'native', { kind: 'redaction', target: target(ours, true) }],
      ]
      for (const [what, native, action] of tried) {
        if (!native) continue
        const before = world.saw(what)
        expect(await send(action), what).toMatchObject({ kind: 'delivered' })
        expect(world.saw(what), what).toBe(before + 1)
      }
    })

    test('names are fit for Matrix, and who is who is known', () => {
      const { connector, chat, contact, login } = world
      expect(connector.ghostLocalpart(contact)).toMatch(/^[a-z0-9._=/+-]+$/)
      expect(connector.ghostLocalpart(contact)).toBe(connector.ghostLocalpart(contact))
      expect(connector.describe(chat).name).not.toBe('')
      expect(connector.serves(login, chat)).toBe(true)
      expect(connector.ownerOf(contact)).toBeUndefined()
      expect(connector.status().find((status) => status.login === login.id)?.state).toBe('connected')
    })

    test('a login can be begun and given up', async () => {
      const { connector, login } = world
      expect(connector.loginFlows.length).toBeGreaterThan(0)
      for (const { id } of connector.loginFlows) {
        const process = connector.startLogin(id, login.owner)
        expect(['input', 'show']).toContain(process.current().kind)
        await process.cancel()
      }
    })

    test('stopping ends what is under way, and nothing is begun after it', async () => {
      const saves: unknown[] = []
      const underWay = world.connector.send(row('under way', saves))
      await world.connector.stop(5_000)
      expect(['delivered', 'retry']).toContain((await underWay).kind)
      const heard = world.heard()
      expect(await world.connector.send(row('too late'))).toMatchObject({ kind: 'retry' })
      expect(world.heard()).toEqual(heard)
    })
  })
}
