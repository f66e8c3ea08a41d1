import { randomBytes } from 'node:crypto'
import type { Node } from '../contract.ts'

const TIMEOUT_MS = 600_000

/**
 * What asks a companion for a passkey: options of WebAuthn as JSON, as seen by others (whatsapp-rust issue #930). The
 * name of the child is assumed.
 */
export function passkeyRequest(): Node[] {
  const options = {
    challenge: randomBytes(32).toString('base64url'),
    timeout: TIMEOUT_MS,
    rpId: 'whatsapp.com',
    allowCredentials: [],
    userVerification: 'required',
    extensions: { uvm: true },
  }
  return [{ tag: 'passkey_request_options', attrs: {}, content: Buffer.from(JSON.stringify(options)) }]
}
