import type { AccountRecord, Accounts, TlObject, TlValue } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from '../wire/device.ts'
import { intOf, textOf } from '../wire/fields.ts'

/** What the real service might do, as switches. */
export type LoginOptions = {
  /** If given, other credentials of an application are refused with API_ID_INVALID. */
  readonly apiId?: number
  readonly apiHash?: string
  /** How a code is sent, `sentCodeTypeApp` if not given. `sentCodeTypeSetUpEmailRequired` ends logins of most clients. */
  readonly codeType?:
    'sentCodeTypeApp' | 'sentCodeTypeSms' | 'sentCodeTypeCall' | 'sentCodeTypeSetUpEmailRequired'
  readonly codeSeconds?: number
  /** Seconds that a QR code is good for. */
  readonly qrSeconds?: number
  /** What a right code for a number without an account leads to. */
  readonly unknownNumber?: 'PHONE_NUMBER_UNOCCUPIED' | 'authorizationSignUpRequired'
}

/** What the methods of a login need. */
export interface LoginParts {
  readonly accounts: Accounts
  readonly options: LoginOptions
  now(): number
  devices(): readonly Device[]
  push(device: Device, updates: TlObject): void
  loggedIn(device: Device, userId: bigint): void
  /** @param ended the error that calls are answered with from now on, AUTH_KEY_UNREGISTERED if not given */
  loggedOut(device: Device, ended?: string): void
}

export type LoginMethod = (device: Device, args: TlObject) => TlValue | Promise<TlValue>

export type LoginMethods = Readonly<Record<string, LoginMethod>>

export function checkApi({ options }: LoginParts, args: TlObject): void {
  const { apiId = intOf(args, 'api_id'), apiHash = textOf(args, 'api_hash') } = options
  if (args['api_id'] !== apiId || args['api_hash'] !== apiHash) throw new RpcFault(400, 'API_ID_INVALID')
}

/** The account of a device that may be asked who it is. Throws 401 for one that isn't logged in. */
export function accountOf({ accounts }: LoginParts, device: Device): AccountRecord {
  const account = device.userId === undefined ? undefined : accounts.byId(device.userId)
  if (account === undefined) throw new RpcFault(401, device.ended ?? 'AUTH_KEY_UNREGISTERED')
  return account
}

export function authorization(parts: LoginParts, device: Device, userId: bigint): TlObject {
  parts.loggedIn(device, userId)
  return { _: 'auth.authorization', user: parts.accounts.user(userId, userId) }
}

/** Code or QR code were right: the login is done, or the password is asked for with 401. */
export function firstFactorPassed(parts: LoginParts, device: Device, account: AccountRecord): TlObject {
  if (account.state === 'deactivated') throw new RpcFault(401, 'USER_DEACTIVATED')
  if (account.state === 'banned') throw new RpcFault(401, 'USER_DEACTIVATED_BAN')
  if (account.password === undefined) return authorization(parts, device, account.userId)
  device.halfLoggedIn = account.userId
  throw new RpcFault(401, 'SESSION_PASSWORD_NEEDED')
}
