/**
 * Where the two halves of the loopback Telegram server meet: the wire (framings, keys, sessions, logins) and the world
 * (accounts, chats, messages, update boxes). Neither half knows more of the other than what stands here.
 */

/**
 * A value of Telegram's type language. 64-bit longs (`long` and mtcute's `int53`) are bigint, `int`, `#` and `double`
 * are numbers, `bytes`, `int128` and `int256` are Uint8Array, `true` and `Bool` are boolean.
 */
export type TlValue =
  number | bigint | string | boolean | Uint8Array | TlObject | readonly TlValue[] | undefined

/**
 * One object in the newest shape (layer 227), with the schema's snake_case names: `{ _: 'updateNewMessage', message,
 * pts: 1, pts_count: 1 }`. Flags words are computed from which fields are there: never set `flags`. A flag that is not
 * set is left out or undefined (`false` counts as left out for `true` flags). An unknown field is an error, so that a
 * misspelt one is found. The wire turns objects into older shapes for clients of older layers, and the requests of
 * such clients into the newest shape.
 */
export type TlObject = { readonly _: string; readonly [field: string]: TlValue }

/** The answer `rpc_error`, e.g. `new RpcFault(400, 'PEER_ID_INVALID')`. Every other exception is answered with 400. */
export class RpcFault extends Error {
  override readonly name = 'RpcFault'
  readonly code: number
  readonly text: string

  constructor(code: number, text: string) {
    super(`${code} ${text}`)
    this.code = code
    this.text = text
  }
}

/** The one data centre. Media objects must carry it as `dc_id`, or clients look for another one. */
export const DC_ID = 2

/** One auth key, which is one device: logged in to an account or (yet) to none. The object lives as long as the key. */
export interface Authorization {
  readonly keyId: string
  readonly userId: bigint | undefined
  /** The layer that the client asked for last. */
  readonly layer: number
}

/** An account, as far as logins need to know it. Read at every use, so the world may change it at any time. */
export interface AccountRecord {
  readonly userId: bigint
  /** Digits only, without a plus sign; undefined for bots. */
  readonly phone: string | undefined
  readonly botToken: string | undefined
  /** The password of two-step verification, in clear. */
  readonly password: string | undefined
  readonly passwordHint: string | undefined
  readonly state: 'active' | 'deactivated' | 'banned'
}

export interface Accounts {
  byId(userId: bigint): AccountRecord | undefined
  /** @param phone digits only */
  byPhone(phone: string): AccountRecord | undefined
  byBotToken(token: string): AccountRecord | undefined
  /** The `user` object of `userId` as `viewer` sees it (`self` set if they are the same). */
  user(viewer: bigint, userId: bigint): TlObject
  /** A login code was asked for: the code that will be accepted. The place to let 777000 write it to the other devices. */
  issueCode(account: AccountRecord): string
}

/** What the world half gives the wire. */
export interface World {
  readonly accounts: Accounts
  /**
   * Runs one method, e.g. `messages.sendMessage`, for an authorization that is logged in (others are answered 401
   * before). `args` is the decoded request in the newest shape, `args._` is the method's name.
   *
   * Never asked for: `auth.*`, `account.getPassword`, `account.getAuthorizations`, `account.resetAuthorization`,
   * `help.getConfig`, `help.getNearestDc`, `help.getAppConfig` and the `invoke*` wrappers.
   *
   * @returns the result that the schema names; an array for vectors, true/false for Bool
   * @throws RpcFault; for a method it doesn't know `new RpcFault(400, 'METHOD_INVALID')`
   */
  call(who: Authorization, method: string, args: TlObject): Promise<TlValue> | TlValue
  /** An authorization was logged in or out (then `who.userId` is undefined already). */
  loginChanged?(who: Authorization, userId: bigint, loggedIn: boolean): void
  /** `wire.online(who)` changed. */
  onlineChanged?(who: Authorization, online: boolean): void
}

/** What the wire gives the world: handed to the world's constructor, `new SimWorld(wire, options)`. */
export interface Wire {
  /**
   * Pushes an `Updates` object to the update session of one authorization. Order is kept. If none is connected, the
   * push is lost (as on the real service: the client fetches the difference), unless the switch `queuePushes` is on.
   */
  push(who: Authorization, updates: TlObject): void
  /** The authorizations that are logged in to that account now, online or not. */
  authorizations(userId: bigint): readonly Authorization[]
  /** True while that authorization has a connected update session, i.e. pushes reach it. */
  online(who: Authorization): boolean
  /** The server's time in Unix seconds, with the fault `clockSkew` in it: use it for every `date`. */
  now(): number
}
