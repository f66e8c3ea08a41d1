import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { companionByCode, companionOf } from '../clients/companion.ts'
import { phoneOf } from '../clients/phone.ts'
import { WhatsAppFront } from '../front.ts'
import { StubWorld } from '../stub-world.ts'

let world: StubWorld
let front: WhatsAppFront
beforeEach(async () => {
  world = new StubWorld()
  front = await WhatsAppFront.start(world, world)
})
afterEach(() => front.stop())

describe('login', () => {
  it('phone', async () => {
    const phone = phoneOf(front, world.add('15550001'))
    await phone.open()
    expect(front.online).toEqual([{ phone: '15550001', device: 0 }])
    await phone.stop()
    expect(front.journal.unknown).toEqual([])
  })
  it('qr', async () => {
    world.add('15550001')
    const companion = await companionOf(front, '15550001')
    expect(companion.jid).toBe('15550001:1@s.whatsapp.net')
    expect(front.journal.unknown).toEqual([])
    await companion.stop()
  })
  it('code', async () => {
    world.add('15550001')
    const companion = await companionByCode(front, '15550001')
    expect(companion.jid).toBe('15550001:1@s.whatsapp.net')
    expect(front.journal.unknown).toEqual([])
    await companion.stop()
  })
})
