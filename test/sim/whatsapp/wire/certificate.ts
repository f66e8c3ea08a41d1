import { proto } from '@whiskeysockets/baileys'
import type { KeyPair } from '../contract.ts'
import { generateKeyPair, sign } from './curve.ts'

const ROOT_SERIAL = 0
const INTERMEDIATE_SERIAL = 1
const LEAF_SERIAL = 2

/** What the server proves itself with: its Noise key, and the chain from the root that clients trust to it. */
export type ServerIdentity = { readonly root: Uint8Array; readonly key: KeyPair; readonly chain: Uint8Array }

let shared: ServerIdentity | undefined

/**
 * The identity of all servers of this process: the root that Baileys trusts is one for the process, so that two
 * servers must not differ in it.
 */
export function serverIdentity(): ServerIdentity {
  shared ??= makeIdentity()
  return shared
}

/** Root, intermediate and leaf as in WAProto's `CertChain`; the leaf carries the Noise key. */
export function makeIdentity(): ServerIdentity {
  const root = generateKeyPair()
  const intermediate = generateKeyPair()
  const key = generateKeyPair()
  const chain = proto.CertChain.encode({
    intermediate: certificate(intermediate.public, INTERMEDIATE_SERIAL, ROOT_SERIAL, root),
    leaf: certificate(key.public, LEAF_SERIAL, INTERMEDIATE_SERIAL, intermediate),
  }).finish()
  return { root: root.public, key, chain }
}

function certificate(key: Uint8Array, serial: number, issuerSerial: number, issuer: KeyPair) {
  const details = proto.CertChain.NoiseCertificate.Details.encode({ serial, issuerSerial, key }).finish()
  return { details, signature: sign(issuer, details) }
}
