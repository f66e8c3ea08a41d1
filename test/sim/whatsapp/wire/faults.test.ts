import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SimClient } from '../clients/client.ts'
import { phoneOf } from '../clients/phone.ts'
import { WhatsAppFront } from '../front.ts'
import { StubWorld } from '../login/stub-world.ts'
import { until } from '../until.ts'
import type { Scope } from './scope.ts'

const PHONE = '15550001'
const PING: Scope = { tag: 'iq', attrs: { xmlns: 'w:p' } }

let world: StubWorld
let front: WhatsAppFront
let phone: SimClient
let received: string[]

beforeEach(async () => {
  world = new StubWorld()
  front = await WhatsAppFront.start(world, world)
  phone = await phoneOf(front, world.add(PHONE)).open()
  // What it asks after opening must not get in between.
  await until(
    () => front.journal.nodes('in', { attrs: { xmlns: 'privacy' } }).length > 0,
    'the last question',
  )
  received = []
  phone.socket.ws.on('CB:iq,type:result', ({ attrs }: { attrs: Record<string, string> }) => {
    const { id = '' } = attrs
    if (id.startsWith('p')) received.push(id)
  })
})

afterEach(async () => {
  await phone.stop()
  await front.stop()
})

async function ping(...ids: string[]): Promise<void> {
  for (const id of ids)
    await phone.socket.sendNode({
      tag: 'iq',
      attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p', id },
      content: [{ tag: 'ping', attrs: {} }],
    })
}

/** The ids of pings that the server has handled, in this order. */
function handled(): (string | undefined)[] {
  return front.journal.nodes('in', PING).map(({ attrs }) => attrs['id'])
}

describe('a stanza from a client', () => {
  it('is not handled when the connection drops before it', async () => {
    front.faults.dropBefore('in', { ...PING, from: 2 })
    await ping('p1', 'p2')
    expect(await phone.untilClosed()).toBe(428)
    expect(handled()).toEqual(['p1'])
    await phone.open()
  })

  it('is handled, and not answered, when the connection drops after it', async () => {
    front.faults.dropAfter('in', { ...PING, from: 2 })
    await ping('p1', 'p2')
    expect(await phone.untilClosed()).toBe(428)
    expect(handled()).toEqual(['p1', 'p2'])
    expect(front.journal.nodes('out', { attrs: { id: 'p2' } })).toEqual([])
    expect(world.links).toEqual([])
  })

  it('can be lost, once', async () => {
    front.faults.lose('in', { ...PING, count: 1 })
    await ping('p1', 'p2')
    await until(() => received.includes('p2'), 'the second answer')
    expect(handled()).toEqual(['p2'])
  })

  it('can be handled twice', async () => {
    front.faults.duplicate('in', { ...PING, count: 1 })
    await ping('p1', 'p2')
    await until(() => received.includes('p2'), 'the second answer')
    expect(handled()).toEqual(['p1', 'p1', 'p2'])
  })

  it('can be late, and what is behind it too', async () => {
    front.faults.delay('in', 150, { ...PING, count: 1 })
    const start = performance.now()
    await ping('p1', 'p2')
    await until(() => received.includes('p2'), 'the second answer')
    expect(performance.now() - start).toBeGreaterThan(140)
    expect(handled()).toEqual(['p1', 'p2'])
  })

  it('can change places with the next', async () => {
    front.faults.swap('in', { ...PING, count: 1 })
    await ping('p1', 'p2', 'p3')
    await until(() => received.includes('p3'), 'the last answer')
    expect(handled()).toEqual(['p2', 'p1', 'p3'])
  })
})

describe('a stanza to a client', () => {
  it('is not written when the connection drops before it', async () => {
    front.faults.dropBefore('out', { attrs: { id: 'p2' } })
    await ping('p1', 'p2')
    expect(await phone.untilClosed()).toBe(428)
    expect(received).toEqual(['p1'])
  })

  it('arrives when the connection drops after it', async () => {
    front.faults.dropAfter('out', { attrs: { id: 'p2' } })
    await ping('p1', 'p2', 'p3')
    expect(await phone.untilClosed()).toBe(428)
    expect(received).toEqual(['p1', 'p2'])
    expect(world.links).toEqual([])
  })

  it.each([
    ['lost', ['p2', 'p3'], () => front.faults.lose('out', { attrs: { id: 'p1' } })],
    ['written twice', ['p1', 'p1', 'p2', 'p3'], () => front.faults.duplicate('out', { attrs: { id: 'p1' } })],
    ['late', ['p1', 'p2', 'p3'], () => front.faults.delay('out', 100, { attrs: { id: 'p1' } })],
    ['swapped', ['p2', 'p1', 'p3'], () => front.faults.swap('out', { attrs: { id: 'p1' } })],
  ])('can be %s', async (_, expected, fault) => {
    fault()
    await ping('p1', 'p2', 'p3')
    await until(() => received.includes('p3'), 'the last answer')
    expect(received).toEqual(expected)
  })

  it('that is late is still written before the last word', async () => {
    front.faults.delay('out', 100, { attrs: { id: 'p1' } })
    await ping('p1')
    await until(() => handled().includes('p1'), 'the ping')
    world.links[0]?.close('unavailable')
    expect(await phone.untilClosed()).toBe(503)
    expect(received).toEqual(['p1'])
  })
})

describe('faults', () => {
  it('are for the devices, tags, attributes and children that they name', async () => {
    front.faults.lose('in', { ...PING, phone: '15550002' })
    front.faults.lose('in', { ...PING, device: 1 })
    front.faults.lose('in', { ...PING, tag: 'message' })
    front.faults.lose('in', { tag: 'iq', attrs: { id: 'p2' } })
    front.faults.lose('in', { ...PING, child: 'pong' })
    await ping('p1', 'p2', 'p3')
    await until(() => received.includes('p3'), 'the last answer')
    expect(handled()).toEqual(['p1', 'p3'])
  })

  it('are over when they are cleared', async () => {
    front.faults.lose('in', PING)
    front.faults.clear()
    await ping('p1')
    await until(() => received.includes('p1'), 'the answer')
  })

  it('can leave a connection half open: the client notices nothing, until the server ends', async () => {
    front.faults.halfOpen({ phone: PHONE, device: 0 })
    await ping('p1')
    world.links[0]?.send({ tag: 'iq', attrs: { type: 'result', id: 'never' } })
    await expect(phone.socket.query(pingNode(), 200)).rejects.toThrow(/Timed Out/)
    expect(phone.connection).toBe('open')
    expect(handled()).toEqual([])
    expect(received).toEqual([])
  })
})

function pingNode() {
  return {
    tag: 'iq',
    attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' },
    content: [{ tag: 'ping', attrs: {} }],
  }
}
