import { initAuthCreds } from '@whiskeysockets/baileys'
import type { Linking } from '../login/linking.ts'
import type { ClientOptions, Place } from './client.ts'
import { SimClient } from './client.ts'
import { until } from '../until.ts'

export type LinkingPlace = Place & { readonly linking: Linking }

/** A Baileys client that nobody has linked yet. Does not connect. */
export function newCompanion(place: Place, options: ClientOptions = {}): SimClient {
  return new SimClient(place, initAuthCreds(), options)
}

/** A companion that the account's phone has linked by its QR code; it is open. */
export async function companionOf(
  place: LinkingPlace,
  phone: string,
  options: ClientOptions = {},
): Promise<SimClient> {
  const client = newCompanion(place, options).connect()
  await until(() => client.qrCodes.length > 0, 'a QR code')
  await place.linking.scan(client.qrCodes.at(-1) ?? '', phone)
  return client.untilOpen()
}

/** A companion that the account's phone has linked by its pairing code; it is open. */
export async function companionByCode(
  place: LinkingPlace,
  phone: string,
  options: ClientOptions = {},
): Promise<SimClient> {
  const client = newCompanion(place, options).connect()
  const code = await pairingCode(client, phone)
  await place.linking.enterCode(code, phone)
  return client.untilOpen()
}

/** The pairing code that a connecting companion shows for a phone number. */
export async function pairingCode(client: SimClient, phone: string): Promise<string> {
  await until(() => client.qrCodes.length > 0, 'the server to greet the companion')
  return client.socket.requestPairingCode(phone)
}
