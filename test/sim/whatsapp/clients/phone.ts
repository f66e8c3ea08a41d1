import { initAuthCreds, signedKeyPair } from '@whiskeysockets/baileys'
import type { Account } from '../contract.ts'
import type { ClientOptions, Place } from './client.ts'
import { SimClient } from './client.ts'

export type PhonePlace = Place & { registerPhone(phone: string, noise: Uint8Array): void }

/**
 * A Baileys client that plays the phone of an account: device 0, whose identity is the account's key. Does not
 * connect yet.
 */
export function phoneOf(
  place: PhonePlace,
  account: Account & { readonly name?: string },
  options: ClientOptions = {},
): SimClient {
  const identity = {
    public: Buffer.from(account.identity.public),
    private: Buffer.from(account.identity.private),
  }
  const creds = {
    ...initAuthCreds(),
    signedIdentityKey: identity,
    signedPreKey: signedKeyPair(identity, 1),
    me: {
      id: `${account.phone}@s.whatsapp.net`,
      lid: `${account.lid}@lid`,
      name: account.name ?? account.phone,
    },
    registered: true,
    // Not its first login: else it would hold back events for 20 s while it waits for a history.
    accountSyncCounter: 1,
  }
  place.registerPhone(account.phone, creds.noiseKey.public)
  return new SimClient(place, creds, options)
}
