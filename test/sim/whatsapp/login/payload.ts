import { proto } from '@whiskeysockets/baileys'

/** A device that knows its number. */
export type Login = { readonly kind: 'login'; readonly phone: string; readonly device: number }

/** A companion that wants to be linked; keys are public, 32 bytes. */
export type Registration = {
  readonly kind: 'registration'
  readonly identity: Uint8Array
  readonly registrationId: number
  readonly signedPreKey: { readonly id: number; readonly public: Uint8Array; readonly signature: Uint8Array }
  /** protobuf DeviceProps */
  readonly props: Uint8Array
}

const CURVE25519 = 5

/** What a client wants, from its ClientPayload. Undefined when it says neither. Throws for what is no protobuf. */
export function parsePayload(bytes: Uint8Array): Login | Registration | undefined {
  const { devicePairingData: pairing, username, device } = proto.ClientPayload.decode(bytes)
  if (pairing === null || pairing === undefined) {
    const phone = username?.toString() ?? '0'
    return phone === '0' ? undefined : { kind: 'login', phone, device: device ?? 0 }
  }
  const { eIdent, eRegid, eKeytype, eSkeyId, eSkeyVal, eSkeySig } = pairing
  if (eKeytype?.[0] !== CURVE25519 || eIdent?.length !== 32 || eSkeyVal?.length !== 32) return undefined
  return {
    kind: 'registration',
    identity: eIdent,
    registrationId: bigEndian(eRegid),
    signedPreKey: { id: bigEndian(eSkeyId), public: eSkeyVal, signature: eSkeySig ?? new Uint8Array() },
    props: pairing.deviceProps ?? new Uint8Array(),
  }
}

function bigEndian(bytes: Uint8Array | null | undefined): number {
  return [...(bytes ?? [])].reduce((number, byte) => number * 0x100 + byte, 0)
}
