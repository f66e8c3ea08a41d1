import type { IncomingMessage } from 'node:http'
import { BufferJSON } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SimClient } from '../clients/client.ts'
import { companionOf } from '../clients/companion.ts'
import { phoneOf } from '../clients/phone.ts'
import type { Account } from '../contract.ts'
import { WhatsAppFront } from '../front.ts'
import { StubWorld } from './stub-world.ts'
import { until } from '../until.ts'
import { generateKeyPair } from '../wire/curve.ts'
import type { FailureReason } from '../wire/faults.ts'

const PHONE = '15550001'

let world: StubWorld
let front: WhatsAppFront
let account: Account
const clients: SimClient[] = []

beforeEach(async () => {
  world = new StubWorld()
  account = world.add(PHONE)
  front = await WhatsAppFront.start(world, world)
})

afterEach(async () => {
  vi.restoreAllMocks()
  for (const client of clients.splice(0)) await client.stop()
  await front.stop()
})

function kept(client: SimClient): SimClient {
  clients.push(client)
  return client
}

/** The same device on another connection. */
function twin(client: SimClient): SimClient {
  return kept(
    new SimClient(front, JSON.parse(JSON.stringify(client.creds, BufferJSON.replacer), BufferJSON.reviver)),
  )
}

describe('a device that logs in', () => {
  it('is open after what it asks while connecting, all of which is understood', async () => {
    const phone = await kept(phoneOf(front, account)).open()
    await until(() => front.journal.nodes('in', { tag: 'iq' }).length >= 6, 'the questions after opening')
    const asked = front.journal.nodes('in', { tag: 'iq' }).map(({ attrs }) => attrs['xmlns'])
    expect(new Set(asked)).toEqual(new Set(['encrypt', 'passive', 'abt', 'blocklist', 'privacy']))
    const answered = front.journal.nodes('out', { tag: 'iq' }).map(({ attrs }) => attrs['id'])
    expect(front.journal.nodes('in', { tag: 'iq' }).map(({ attrs }) => attrs['id'])).toEqual(answered)
    expect(phone.creds.me?.lid).toBe(`9${PHONE}@lid`)
    expect(front.online).toEqual([{ phone: PHONE, device: 0 }])
    expect(front.journal.unknown).toEqual([])
  })

  it('is told the server time, and its pings are answered', async () => {
    await kept(phoneOf(front, account, { keepAliveIntervalMs: 30 })).open()
    await until(
      () => front.journal.nodes('in', { attrs: { xmlns: 'w:p' } }).length > 2,
      'three pings of which none is lost',
    )
    const [success] = front.journal.nodes('out', { tag: 'success' })
    expect(Math.abs(Number(success?.attrs['t']) * 1000 - Date.now())).toBeLessThan(60_000)
    expect(front.journal.unknown).toEqual([])
  })

  it('comes back as the same device', async () => {
    const companion = kept(await companionOf(front, PHONE))
    await companion.stop()
    await until(() => world.links.length === 0, 'the server to see that it is gone')
    await companion.open()
    expect(front.online).toEqual([{ phone: PHONE, device: 1 }])
    expect(companion.creds.me).toMatchObject({ id: `${PHONE}:1@s.whatsapp.net`, lid: `9${PHONE}:1@lid` })
  })

  it('says the edge routing that it was told before', async () => {
    front.switches.edgeRouting = true
    const phone = await kept(phoneOf(front, account)).open()
    await until(() => phone.creds.routingInfo !== undefined, 'the routing')
    const told = phone.creds.routingInfo
    await phone.stop()
    await phone.open()
    expect(front.routingOf({ phone: PHONE, device: 0 })).toEqual(told)
  })

  it('understands deflated stanzas', async () => {
    front.switches.deflateFrom = 0
    await kept(phoneOf(front, account)).open()
    expect(front.journal.unknown).toEqual([])
  })

  it('has a stanza that nobody understands in the journal', async () => {
    const phone = await kept(phoneOf(front, account)).open()
    await phone.socket.sendNode({
      tag: 'iq',
      attrs: { xmlns: 'w:nonsense', id: '7' },
      content: [{ tag: 'x', attrs: {} }],
    })
    await until(() => front.journal.unknown.length > 0, 'the unknown stanza')
    expect(front.journal.unknown).toEqual(['<iq xmlns=w:nonsense id=7><x/></iq>'])
  })
})

describe('a login that is refused', () => {
  it.each<[string, () => SimClient]>([
    ['a number without an account', () => phoneOf(front, { ...account, phone: '15559999' })],
    [
      'another phone than the registered one',
      () => {
        const phone = phoneOf(front, account)
        front.registerPhone(PHONE, generateKeyPair().public)
        return phone
      },
    ],
    [
      'a companion that was never linked',
      () => {
        const phone = phoneOf(front, account)
        phone.creds.me = { id: `${PHONE}:5@s.whatsapp.net` }
        return phone
      },
    ],
  ])('%s gets 401', async (_, make) => {
    expect(await kept(make()).connect().untilClosed()).toBe(401)
    expect(front.online).toEqual([])
  })

  it('a companion with another Noise key gets 401', async () => {
    const companion = kept(await companionOf(front, PHONE))
    await companion.stop()
    Object.assign(companion.creds, { noiseKey: generateKeyPair() })
    expect(await companion.connect().untilClosed()).toBe(401)
  })

  it('a banned account gets 403', async () => {
    const banned = world.add('15550666', true)
    expect(await kept(phoneOf(front, banned)).connect().untilClosed()).toBe(403)
  })

  it.each<FailureReason>([401, 402, 403, 405, 500, 503])('a login gets %i once', async (reason) => {
    front.faults.refuseLogins(reason)
    const phone = kept(phoneOf(front, account))
    expect(await phone.connect().untilClosed()).toBe(reason)
    await phone.open()
  })
})

describe('a connection that ends', () => {
  it('with 440 when the device connects again; the world sees the old one close first', async () => {
    const companion = kept(await companionOf(front, PHONE))
    world.events.length = 0
    await twin(companion).open()
    expect(await companion.untilClosed()).toBe(440)
    expect(world.events).toEqual([`closed ${companion.jid}`, `opened ${companion.jid}`])
    expect(front.online).toEqual([{ phone: PHONE, device: 1 }])
  })

  it('with 401 when the device is removed, and with 401 when it tries again', async () => {
    const companion = kept(await companionOf(front, PHONE))
    world.unlink(PHONE, 1)
    expect(await companion.untilClosed()).toBe(401)
    expect(await companion.connect().untilClosed()).toBe(401)
  })

  it('with 401 when it logs out, which unlinks it', async () => {
    const companion = kept(await companionOf(front, PHONE))
    await companion.socket.logout()
    expect(await companion.untilClosed()).toBe(401)
    await until(() => world.companion(PHONE, 1) === undefined, 'the device to be unlinked')
    expect(front.journal.unknown).toEqual([])
  })

  it('with 401 when the phone removes it', async () => {
    const companion = kept(await companionOf(front, PHONE))
    const phone = await kept(phoneOf(front, account)).open()
    await phone.socket.query(removal(companion.jid))
    expect(await companion.untilClosed()).toBe(401)
  })

  it('but not because another companion asks for it', async () => {
    const first = kept(await companionOf(front, PHONE))
    const second = kept(await companionOf(front, PHONE))
    await expect(second.socket.query(removal(first.jid))).rejects.toThrow(/not-authorized/)
    expect(first.connection).toBe('open')
  })

  it('with 515, after which it comes back', async () => {
    const companion = kept(await companionOf(front, PHONE))
    const [before] = world.links
    before?.close('restart')
    await until(() => world.links.length === 1 && world.links[0] !== before, 'the device to come back')
    await companion.untilOpen()
  })

  it('with 503', async () => {
    const phone = await kept(phoneOf(front, account)).open()
    world.links[0]?.close('unavailable')
    expect(await phone.untilClosed()).toBe(503)
  })

  it('with 428 without a word', async () => {
    const phone = await kept(phoneOf(front, account)).open()
    world.links[0]?.close('drop')
    expect(await phone.untilClosed()).toBe(428)
    expect(world.links).toEqual([])
  })
})

describe('a server that', () => {
  it('falls silent is given up with 408', async () => {
    const phone = await kept(phoneOf(front, account, { keepAliveIntervalMs: 50 })).open()
    front.faults.silent()
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
    await until(() => !phone.socket.ws.isOpen, 'the client to hang up')
    // It waits 30 s for the server to hang up as well, before it says so.
    await front.stop()
    expect(await phone.untilClosed()).toBe(408)
  })

  it('never answers the handshake is given up with 408', async () => {
    front.faults.acceptSilently()
    const phone = kept(phoneOf(front, account, { connectTimeoutMs: 200 })).connect()
    await until(() => phone.socket.ws.isClosing, 'the client to hang up')
    await front.stop()
    expect(await phone.untilClosed()).toBe(408)
  })

  it('is busy is seen by who listens for it: Baileys tells nobody, and stays as it is', async () => {
    front.faults.refuseConnections()
    const phone = kept(phoneOf(front, account)).connect()
    const answers: unknown[] = []
    phone.socket.ws.on('unexpected-response', (_: unknown, answer: IncomingMessage) =>
      answers.push(answer.statusCode),
    )
    await until(() => answers.length > 0, 'the answer')
    expect(answers).toEqual([503])
    expect(phone.connection).toBe('connecting')
    await phone.stop()
    await phone.open()
  })

  it('stops is lost with 428', async () => {
    const phone = await kept(phoneOf(front, account)).open()
    await front.stop()
    expect(await phone.untilClosed()).toBe(428)
  })
})

function removal(jid: string) {
  return {
    tag: 'iq',
    attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'md' },
    content: [{ tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }],
  }
}
