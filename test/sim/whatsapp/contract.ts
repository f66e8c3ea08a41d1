// Where the wire (`wire/`, `login/`) and the world (`world/`) meet. Types only.

/**
 * One stanza, or a part of one. Binary content arrives as bytes; content that the sender wrote as a token, digits
 * or a JID arrives as a string. `node.ts` reads either.
 */
export type Node = { tag: string; attrs: Record<string, string>; content?: Node[] | Uint8Array | string }

/**
 * Why the server ends a connection: `drop` says nothing; the others send what the real server says first:
 * `replaced` a conflict (440), `removed` 401, `restart` 515, `unavailable` 503.
 */
export type CloseReason = 'drop' | 'replaced' | 'removed' | 'restart' | 'unavailable'

/** The connection of one logged-in device. The same object in every call, as long as the connection lives. */
export type Link = {
  /** digits of the phone number, which is the account's key */
  readonly phone: string
  /** 0 is the phone */
  readonly device: number
  /** of the device, `222:3@s.whatsapp.net`; without `:0` for the phone */
  readonly jid: string
  /** of the device, `9222:3@lid` */
  readonly lid: string
  /** After the end of the connection it does nothing. */
  send(node: Node): void
  close(reason: CloseReason): void
}

/** Everything behind the connections. No call may throw for what a client can send. */
export type World = {
  /** `success` is on its way; what is sent now arrives after it (offline queue, `ib`). */
  opened(link: Link): void
  /**
   * One stanza from the device. False when it means nothing here: then the wire answers if it is a part of connecting
   * (`passive`, `abt`, `w:p`, `w:stats`, `blocklist` get, `privacy` get, `unified_session`), else it is an unknown
   * stanza. What belongs to `encrypt` is the world's.
   */
  received(link: Link, node: Node): boolean
  /** Called once for each opened link, also after `close`; before `opened` of a link that replaces it. */
  closed(link: Link): void
}

/** Curve25519, 32 bytes each. */
export type KeyPair = { readonly public: Uint8Array; readonly private: Uint8Array }

export type Account = {
  /** digits */
  readonly phone: string
  /** digits before `@lid` */
  readonly lid: string
  /** the phone's identity key, which is the account key that signs companions */
  readonly identity: KeyPair
  /** said in `pair-success`, as `android` or `iphone` */
  readonly platform: string
  /** a login is refused with 403 */
  readonly banned: boolean
}

export type Device = {
  readonly number: number
  readonly keyIndex: number
  /** public identity key, 32 bytes */
  readonly identity: Uint8Array
  /** public Noise key it must connect with; undefined is not compared (the phone) */
  readonly noise: Uint8Array | undefined
  readonly registrationId: number
  readonly signedPreKey: { readonly id: number; readonly public: Uint8Array; readonly signature: Uint8Array }
  /** protobuf DeviceProps of the registration */
  readonly props: Uint8Array
  /** protobuf ADVSignedDeviceIdentity with the device's signature, from `pair-device-sign` */
  readonly signedIdentity: Uint8Array
}

/** What logging in and linking look up and change; the world's. */
export type Accounts = {
  find(phone: string): Account | undefined
  /** True for the phone, and for a companion from `link` until it is removed. */
  has(phone: string, device: number): boolean
  /** The linked companion; undefined for device 0, and after it was removed. */
  companion(phone: string, device: number): Device | undefined
  /** Numbers for the next companion; taken once given. Undefined when the account has as many as it may. */
  reserve(phone: string): { number: number; keyIndex: number } | undefined
  /** A companion was signed by both sides. Its login follows. */
  link(phone: string, device: Device): void
  /** A companion logged itself out (`remove-companion-device`). Its open links are closed by the world. */
  unlink(phone: string, device: number): void
}
