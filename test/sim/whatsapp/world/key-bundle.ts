/** A public prekey with its 24-bit id. */
export type PreKey = { readonly id: number; readonly value: Uint8Array }

/** The public keys that a device left with the server, so that others can write to it while it is away. */
export type KeyBundle = {
  readonly registration: Uint8Array
  readonly identity: Uint8Array
  signed: PreKey & { readonly signature: Uint8Array }
  /** One-time keys; each is handed out once, the oldest first. */
  oneTime: PreKey[]
}
