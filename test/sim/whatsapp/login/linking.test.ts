import { proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientOptions, SimClient } from '../clients/client.ts'
import { companionByCode, companionOf, newCompanion, pairingCode } from '../clients/companion.ts'
import { WhatsAppFront } from '../front.ts'
import { StubWorld } from './stub-world.ts'
import { until } from '../until.ts'
import { generateKeyPair, verify } from '../wire/curve.ts'

const PHONE = '15550001'
const OTHER = '15550002'

let world: StubWorld
let front: WhatsAppFront
const clients: SimClient[] = []

beforeEach(async () => {
  world = new StubWorld()
  world.add(PHONE)
  world.add(OTHER)
  front = await WhatsAppFront.start(world, world)
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop()
  await front.stop()
})

function kept(client: SimClient): SimClient {
  clients.push(client)
  return client
}

/** A companion that shows a QR code. */
async function showing(options: ClientOptions = {}): Promise<{ companion: SimClient; qr: string }> {
  const companion = kept(newCompanion(front, options)).connect()
  await until(() => companion.qrCodes.length > 0, 'a QR code')
  return { companion, qr: companion.qrCodes[0] ?? '' }
}

describe('linking by QR code', () => {
  it('gives the companion its addresses, restarts it, and lets it in', async () => {
    const { companion, qr } = await showing()
    expect(await front.linking.scan(qr, PHONE)).toBe(1)
    await companion.untilOpen()
    expect(companion.creds.me).toMatchObject({ id: `${PHONE}:1@s.whatsapp.net`, lid: `9${PHONE}:1@lid` })
    expect(companion.creds.platform).toBe('android')
    const closes = companion.all('connection.update').filter(({ connection }) => connection === 'close')
    expect(closes).toHaveLength(1)
    expect(companion.status).toBe(515)
    expect(front.journal.unknown).toEqual([])
  })

  it('tells the accounts what the companion proved', async () => {
    const companion = kept(await companionOf(front, PHONE, { browser: ['Viaduct', 'Desktop', '1'] }))
    const device = world.companion(PHONE, 1)
    const { creds } = companion
    expect(device?.identity).toEqual(creds.signedIdentityKey.public)
    expect(device?.noise).toEqual(creds.noiseKey.public)
    expect(device?.registrationId).toBe(creds.registrationId)
    expect(device?.signedPreKey).toMatchObject({ id: 1, public: creds.signedPreKey.keyPair.public })
    const { signedPreKey, identity, props, signedIdentity } = device ?? expect.fail('no device')
    expect(
      verify(identity, Buffer.concat([Buffer.from([5]), signedPreKey.public]), signedPreKey.signature),
    ).toBe(true)
    expect(proto.DeviceProps.decode(props).os).toBe('Viaduct')
    const signed = proto.ADVSignedDeviceIdentity.decode(signedIdentity)
    expect(signed.deviceSignature).toEqual(creds.account?.deviceSignature)
    // Baileys believes any signature, so that this is its only proof: the account has signed this companion.
    const vouched = Buffer.concat([Buffer.from([6, 0]), signed.details ?? new Uint8Array(), identity])
    const key = world.find(PHONE)?.identity.public ?? expect.fail('no account')
    expect(creds.account?.accountSignatureKey).toEqual(key)
    expect(verify(key, vouched, signed.accountSignature ?? new Uint8Array())).toBe(true)
  })

  it('works with a code that is shown no more, on the same connection', async () => {
    const { companion, qr } = await showing({ qrTimeout: 20 })
    await until(() => companion.qrCodes.length === 3, 'the third code')
    expect(new Set(companion.qrCodes).size).toBe(3)
    await front.linking.scan(qr, PHONE)
    await companion.untilOpen()
  })

  it('ends with 408 when nobody scans', async () => {
    front.switches.qrCodes = 3
    const { companion, qr } = await showing({ qrTimeout: 20 })
    expect(await companion.untilClosed()).toBe(408)
    expect(companion.qrCodes).toHaveLength(3)
    await until(() => front.open === 0, 'the server to see it')
    await expect(front.linking.scan(qr, PHONE)).rejects.toMatchObject({ why: 'expired' })
  })

  it('numbers the companions of an account, up to its limit', async () => {
    world.companionLimit = 2
    kept(await companionOf(front, PHONE))
    expect(kept(await companionOf(front, PHONE)).jid).toBe(`${PHONE}:2@s.whatsapp.net`)
    const { companion, qr } = await showing()
    await expect(front.linking.scan(qr, PHONE)).rejects.toMatchObject({ why: 'too-many-devices' })
    await front.linking.scan(qr, OTHER)
    expect((await companion.untilOpen()).jid).toMatch(OTHER)
  })

  it.each<[string, string, (qr: string) => string]>([
    ['not-a-code', 'another thing', () => 'https://example.org'],
    ['not-a-code', 'keys that are not the companion’s', (qr) => forged(qr, 2)],
    ['not-a-code', 'a Noise key that is not the companion’s', (qr) => forged(qr, 1)],
    ['expired', 'a code of nobody', (qr) => qr.replace(/#[^,]*/, '#2@AAAA')],
    ['companion-failed', 'a secret that is not the companion’s', (qr) => forged(qr, 3)],
  ])('is refused as %s: %s', async (why, _, change) => {
    const { qr } = await showing()
    await expect(front.linking.scan(change(qr), PHONE)).rejects.toMatchObject({ why })
    expect(world.companion(PHONE, 1)).toBeUndefined()
  })

  it('is refused for a number without an account, and for a code that was used', async () => {
    const { companion, qr } = await showing()
    await expect(front.linking.scan(qr, '15559999')).rejects.toMatchObject({ why: 'no-account' })
    await front.linking.scan(qr, PHONE)
    await companion.untilOpen()
    await expect(front.linking.scan(qr, PHONE)).rejects.toMatchObject({ why: 'expired' })
  })

  it('fails when the companion is cut off before it has signed', async () => {
    front.faults.dropBefore('in', { tag: 'iq', child: 'pair-device-sign' })
    const { companion, qr } = await showing()
    await expect(front.linking.scan(qr, PHONE)).rejects.toMatchObject({ why: 'companion-failed' })
    expect(await companion.untilClosed()).toBe(428)
    expect(world.companion(PHONE, 1)).toBeUndefined()
  })
})

describe('linking by pairing code', () => {
  it('ends as by QR code', async () => {
    const companion = kept(await companionByCode(front, PHONE))
    expect(companion.creds.me).toMatchObject({ id: `${PHONE}:1@s.whatsapp.net` })
    expect(world.companion(PHONE, 1)?.identity).toEqual(companion.creds.signedIdentityKey.public)
    expect(front.journal.unknown).toEqual([])
  })

  it('takes the code as people type it, also after a wrong one', async () => {
    const companion = kept(newCompanion(front)).connect()
    const code = await pairingCode(companion, PHONE)
    const wrong = code.startsWith('A') ? `B${code.slice(1)}` : `A${code.slice(1)}`
    await expect(front.linking.enterCode(wrong, PHONE)).rejects.toMatchObject({ why: 'wrong-code' })
    await front.linking.enterCode(`${code.slice(0, 4)}-${code.slice(4).toLowerCase()} `, PHONE)
    await companion.untilOpen()
  })

  it('is for the number that the companion said', async () => {
    const companion = kept(newCompanion(front)).connect()
    const code = await pairingCode(companion, PHONE)
    await expect(front.linking.enterCode(code, OTHER)).rejects.toMatchObject({ why: 'expired' })
    await front.linking.enterCode(code, PHONE)
    await companion.untilOpen()
  })

  it('is refused to a companion that says a number without an account', async () => {
    const companion = kept(newCompanion(front)).connect()
    await pairingCode(companion, '15559999')
    await until(() => front.journal.nodes('out', { attrs: { type: 'error' } }).length > 0, 'the refusal')
    expect(front.journal.unknown).toEqual([])
  })
})

describe('an account that is asked for a passkey', () => {
  it('is not linked by QR code: the companion hears why, and the phone when it gives up', async () => {
    front.switches.passkey = 'prologue'
    const { companion, qr } = await showing()
    const heard: unknown[] = []
    companion.socket.ws.on('CB:notification,type:passkey_prologue_request', (node) => heard.push(node))
    const scanned = front.linking.scan(qr, PHONE)
    await until(() => heard.length > 0, 'the request for a passkey')
    await Promise.all([expect(scanned).rejects.toMatchObject({ why: 'passkey' }), companion.stop()])
    expect(world.companion(PHONE, 1)).toBeUndefined()
  })

  it.each(['prologue', 'handoff'] as const)('is not linked by pairing code: %s', async (passkey) => {
    front.switches.passkey = passkey
    const companion = kept(newCompanion(front)).connect()
    const heard: unknown[] = []
    companion.socket.ws.on('CB:notification,type:passkey_prologue_request', (node) => heard.push(node))
    const entered = front.linking.enterCode(await pairingCode(companion, PHONE), PHONE)
    await until(() => heard.length > 0, 'the request for a passkey')
    await Promise.all([expect(entered).rejects.toMatchObject({ why: 'passkey' }), companion.stop()])
    expect(front.journal.nodes('out', { child: 'pair-success' })).toEqual([])
    expect(front.journal.unknown).toEqual([])
  })
})

/** The code with one of its keys replaced. */
function forged(qr: string, field: number): string {
  const fields = qr.split(',')
  fields[field] = Buffer.from(generateKeyPair().public).toString('base64')
  return fields.join(',')
}
