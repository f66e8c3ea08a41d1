import {
  MemoryStorage,
  IntermediatePacketCodec,
  ObfuscatedPacketCodec,
  PaddedIntermediatePacketCodec,
} from '@mtcute/core'
import { Api } from 'telegram'
import { ConnectionTCPAbridged, ConnectionTCPFull, ConnectionTCPObfuscated } from 'telegram/network/index.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gram } from '../clients/gram.ts'
import { mtcute } from '../clients/mtcute.ts'
import { DC_ID } from '../contract.ts'
import type { HandshakeFault } from './handshake.ts'
import { StubWorld } from './stub-world.ts'
import { SERVER_KEY } from './test-key.ts'
import { TelegramWire } from './wire.ts'

let wire: TelegramWire
let world: StubWorld

beforeEach(async () => {
  wire = await TelegramWire.start({ serverKey: SERVER_KEY }, (made) => (world = new StubWorld(made)))
  world.account(1n)
})

afterEach(async () => {
  expect(wire.journal.problems).toEqual([])
  await wire.stop()
})

describe('mtcute', () => {
  test.each([
    ['intermediate', () => new IntermediatePacketCodec()],
    ['padded', () => new PaddedIntermediatePacketCodec()],
    ['obfuscated intermediate', () => new ObfuscatedPacketCodec(new IntermediatePacketCodec())],
    ['obfuscated padded', () => new ObfuscatedPacketCodec(new PaddedIntermediatePacketCodec())],
  ])('makes a key and calls over %s', async (framing, codec) => {
    const client = await mtcute(wire, { codec })
    await client.connect()
    expect(await client.call({ _: 'help.getNearestDc' })).toMatchObject({ thisDc: DC_ID })
    expect(new Set(wire.framings)).toEqual(new Set([framing]))
    expect(wire.journal.entries[0]).toMatchObject({ method: 'help.getNearestDc', layer: 227 })
    await client.destroy()
  })

  test('keeps its key for the next time', async () => {
    const storage = new MemoryStorage()
    for (let time = 0; time < 2; time++) {
      const client = await mtcute(wire, { storage })
      await client.connect()
      await client.call({ _: 'help.getNearestDc' })
      await client.disconnect()
    }
    expect(new Set(wire.journal.entries.map(({ keyId }) => keyId)).size).toBe(1)
  })

  test('is logged in with a key that was made for it', async () => {
    const client = await mtcute(wire, { login: { authKey: wire.preauth(1n), userId: 1n } })
    const self = await client.start({})
    expect(self.id).toBe(1)
    await client.destroy()
  })
})

describe('GramJS', () => {
  test.each([
    ['full', ConnectionTCPFull],
    ['abridged', ConnectionTCPAbridged],
    ['obfuscated abridged', ConnectionTCPObfuscated],
  ])('makes a key and calls over %s', async (framing, connection) => {
    const client = await gram(wire, { connection })
    await client.connect()
    expect((await client.invoke(new Api.help.GetNearestDc())).thisDc).toBe(DC_ID)
    expect(new Set(wire.framings)).toEqual(new Set([framing]))
    expect(wire.journal.entries[0]).toMatchObject({ method: 'help.getConfig', layer: 198 })
    await client.destroy()
  })

  test('is logged in with a key that was made for it', async () => {
    const client = await gram(wire, { authKey: wire.preauth(1n) })
    await client.connect()
    expect((await client.getMe()).id.toString()).toBe('1')
    await client.destroy()
  })
})

// One in 256 keys begins with a zero, which both libraries leave out of the hash: then they start again by themselves.
const exchanges = () => wire.faults.keyExchange.filter((name) => name.startsWith('req_pq')).length

describe('a key exchange that goes wrong', () => {
  const faults: HandshakeFault[] = ['wrong-nonce', 'wrong-inner-hash', 'wrong-hash', 'fail']

  test.each(faults)('mtcute starts again after %s', async (fault) => {
    wire.faults.breakHandshake(fault)
    const client = await mtcute(wire)
    await client.connect()
    expect(await client.call({ _: 'help.getNearestDc' })).toMatchObject({ thisDc: DC_ID })
    expect(exchanges()).toBeGreaterThanOrEqual(2)
    await client.destroy()
  })

  // GramJS doesn't look at the inner hash.
  test.each(faults.filter((fault) => fault !== 'wrong-inner-hash'))(
    'GramJS starts again after %s',
    async (fault) => {
      wire.faults.breakHandshake(fault)
      const client = await gram(wire)
      await client.connect()
      expect((await client.invoke(new Api.help.GetNearestDc())).thisDc).toBe(DC_ID)
      expect(exchanges()).toBeGreaterThanOrEqual(2)
      await client.destroy()
    },
  )

  test('mtcute makes another attempt when it is asked to', async () => {
    wire.faults.breakHandshake('retry')
    const client = await mtcute(wire)
    await client.connect()
    expect(await client.call({ _: 'help.getNearestDc' })).toMatchObject({ thisDc: DC_ID })
    expect(wire.faults.keyExchange.join(' ')).toContain('set_client_DH_params set_client_DH_params')
    await client.destroy()
  })
})
