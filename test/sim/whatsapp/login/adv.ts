import { proto } from '@whiskeysockets/baileys'
import { createHmac, randomBytes } from 'node:crypto'
import type { Account } from '../contract.ts'
import { sign, verify } from '../wire/curve.ts'

/** Said before what is signed, so that one signature can't stand for another. */
const BY_ACCOUNT = Buffer.from([6, 0])
const BY_DEVICE = Buffer.from([6, 1])

/** The account's word that a companion is its own: protobuf ADVDeviceIdentity, and the account's signature. */
export type Vouch = { readonly details: Uint8Array; readonly accountSignature: Uint8Array }

/** The account key signs a companion's identity key. */
export function vouch(account: Account, keyIndex: number, identity: Uint8Array): Vouch {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: randomBytes(4).readUInt32BE(),
    timestamp: Math.floor(Date.now() / 1000),
    keyIndex,
  }).finish()
  return { details, accountSignature: sign(account.identity, Buffer.concat([BY_ACCOUNT, details, identity])) }
}

/** The `device-identity` of `pair-success`: ADVSignedDeviceIdentityHMAC under the companion's secret. */
export function sealForCompanion(
  account: Account,
  { details, accountSignature }: Vouch,
  secret: Uint8Array,
): Buffer {
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: account.identity.public,
    accountSignature,
  }).finish()
  const hmac = createHmac('sha256', secret).update(signed).digest()
  return Buffer.from(proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish())
}

/** Whether `pair-device-sign` carries what the account said, and the companion's own signature on it. */
export function isSignedByCompanion(
  account: Account,
  { details, accountSignature }: Vouch,
  identity: Uint8Array,
  answer: Uint8Array,
): boolean {
  const signed = decoded(answer)
  if (signed === undefined) return false
  const same = (ours: Uint8Array, theirs: Uint8Array | null | undefined): boolean =>
    Buffer.from(ours).equals(Buffer.from(theirs ?? []))
  const message = Buffer.concat([BY_DEVICE, details, identity, account.identity.public])
  return (
    same(details, signed.details) &&
    same(accountSignature, signed.accountSignature) &&
    verify(identity, message, signed.deviceSignature ?? new Uint8Array())
  )
}

function decoded(bytes: Uint8Array): proto.ADVSignedDeviceIdentity | undefined {
  try {
    return proto.ADVSignedDeviceIdentity.decode(bytes)
  } catch {
    return undefined
  }
}
