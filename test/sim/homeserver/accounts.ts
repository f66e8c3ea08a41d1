import { randomBytes } from 'node:crypto'
import type { TransactionRows } from './dedupe.ts'
import { MatrixError, notFound } from './errors.ts'
import type { Content, Requester } from './types.ts'

type Device = { displayName: string | undefined }

type Account = {
  userId: string
  password: string | null
  profile: Content
  devices: Map<string, Device>
}

/** Local users with their profiles, devices and access tokens. */
export class Accounts {
  readonly #serverName: string
  readonly #rows: TransactionRows
  readonly #accounts = new Map<string, Account>()
  readonly #tokens = new Map<string, { userId: string; deviceId: string }>()

  constructor(serverName: string, rows: TransactionRows) {
    this.#serverName = serverName
    this.#rows = rows
  }

  userId(localpart: string): string {
    return `@${localpart}:${this.#serverName}`
  }

  isLocal(userId: string): boolean {
    return userId.endsWith(`:${this.#serverName}`)
  }

  has(userId: string): boolean {
    return this.#accounts.has(userId)
  }

  /** Throws M_USER_IN_USE or M_INVALID_USERNAME. `password` is null for appservice users. */
  register(localpart: string, password: string | null): string {
    const userId = this.userId(localpart)
    if (!/^[a-z0-9._=\-/+]+$/.test(localpart)) {
      const rule = "User ID can only contain characters a-z, 0-9, or '=_-./+'"
      throw new MatrixError(400, 'M_INVALID_USERNAME', rule)
    }
    if (this.has(userId)) throw new MatrixError(400, 'M_USER_IN_USE', 'User ID already taken.')
    this.#accounts.set(userId, { userId, password, profile: { displayname: localpart }, devices: new Map() })
    return userId
  }

  passwordMatches(userId: string, password: string): boolean {
    return this.#accounts.get(userId)?.password === password
  }

  /** A new access token, on a new device unless one is named. */
  login(userId: string, deviceId = randomBytes(5).toString('hex').toUpperCase()): LoginResult {
    this.putDevice(userId, deviceId, undefined)
    const accessToken = `syt_${randomBytes(18).toString('base64url')}`
    this.#tokens.set(accessToken, { userId, deviceId })
    return { userId, deviceId, accessToken }
  }

  byToken(accessToken: string): Requester | undefined {
    const known = this.#tokens.get(accessToken)
    return known === undefined ? undefined : { ...known, appservice: null }
  }

  /** An empty profile for users that do not exist, such as an appservice's unregistered sender. */
  profile(userId: string): Content {
    return this.#accounts.get(userId)?.profile ?? {}
  }

  setProfile(userId: string, field: string, value: unknown): void {
    const { profile } = this.#account(userId)
    if (value === undefined || value === null || value === '') delete profile[field]
    else profile[field] = value
  }

  devices(userId: string): string[] {
    return [...(this.#accounts.get(userId)?.devices.keys() ?? [])]
  }

  device(userId: string, deviceId: string): Device | undefined {
    return this.#accounts.get(userId)?.devices.get(deviceId)
  }

  /** True if the device is new. */
  putDevice(userId: string, deviceId: string, displayName: string | undefined): boolean {
    const { devices } = this.#account(userId)
    const isNew = !devices.has(deviceId)
    devices.set(deviceId, { displayName })
    return isNew
  }

  /** Deletes a device with its access tokens and its transaction rows. */
  deleteDevice(userId: string, deviceId: string): void {
    this.#accounts.get(userId)?.devices.delete(deviceId)
    this.#rows.forgetDevice(userId, deviceId)
    for (const [token, owner] of this.#tokens) {
      if (owner.userId === userId && owner.deviceId === deviceId) this.#tokens.delete(token)
    }
  }

  #account(userId: string): Account {
    const account = this.#accounts.get(userId)
    if (account === undefined) throw notFound(`User ${userId} not found`)
    return account
  }
}

export type LoginResult = { userId: string; deviceId: string; accessToken: string }
