import { randomBytes } from 'node:crypto'
import { setImmediate as breath } from 'node:timers/promises'
import type { SimAccount } from '../../test/sim/whatsapp/world/account.ts'
import type { SimWorld } from '../../test/sim/whatsapp/world/index.ts'
import { generateKeyPair, sign } from '../../test/sim/whatsapp/wire/curve.ts'

const DJB_TYPE = Buffer.from([5])

/** Accounts whose phones have left their keys and are away: they can be written to. */
export async function silentAccounts(world: SimWorld, count: number): Promise<SimAccount[]> {
  const accounts: SimAccount[] = []
  for (let i = 0; i < count; i += 1) {
    const account = world.account({ phone: `1777${String(i).padStart(7, '0')}`, name: `Member ${i}` })
    const signed = Buffer.from(generateKeyPair().public)
    world.device(account.phone, 0).keys = {
      registration: randomBytes(4),
      identity: account.identity.public,
      signed: { id: 1, value: signed, signature: sign(account.identity, Buffer.concat([DJB_TYPE, signed])) },
      oneTime: [{ id: 2, value: Buffer.from(generateKeyPair().public) }],
    }
    accounts.push(account)
    // A signature takes its time, and clients are connected.
    await breath()
  }
  return accounts
}
