import type { SimWhatsApp } from '../../../test/sim/whatsapp/index.ts'
import type { SimAccount } from '../../../test/sim/whatsapp/world/account.ts'
import type { Group } from '../../../test/sim/whatsapp/world/group.ts'
import { parseJid } from '../../networks/whatsapp/ids.ts'

/** Alice's number; like those of the others it is one of those that are kept free for stories. */
export const PHONE = '+44 7700 900234'

/** What Alice's address book calls Sam. */
export const NICKNAME = 'Sam from the boat'

/** Everybody on the demo's WhatsApp, and where they talk. */
export type People = {
  alice: SimAccount
  /** Whose phone the page shows. */
  sam: SimAccount
  nora: SimAccount
  group: Group
}

export function settle({ world }: SimWhatsApp): People {
  const alice = world.account({ phone: PHONE.replaceAll(/\D/g, ''), name: 'Alice' })
  const sam = world.account({ phone: '447700900345', name: 'Sam Okoro' })
  const nora = world.account({ phone: '447700900567', name: 'Nora Lind' })
  world.desk(alice.phone).contact(sam, { fullName: NICKNAME })
  return { alice, sam, nora, group: world.group('Sailing club', nora, sam, alice) }
}

/** Whose an address is, in either form and of any device. */
export function memberAt(
  { alice, sam, nora }: People,
  jid: string | null | undefined,
): SimAccount | undefined {
  const address = parseJid(jid)
  if (address === undefined) return undefined
  const form = address.server === 'lid' ? 'lid' : 'pn'
  return [alice, sam, nora].find((one) => one.jid(form) === `${address.user}@${address.server}`)
}
