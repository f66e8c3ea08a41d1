import { randomBytes } from 'node:crypto'
import type { Authorization } from '../contract.ts'
import type { AuthKey } from './auth-key.ts'
import { NEWEST } from './layers.ts'
import type { Session } from './session.ts'

export const randomLong = (): bigint => randomBytes(8).readBigInt64LE(0)

/** Everything that belongs to one auth key. */
export class Device implements Authorization {
  readonly key: AuthKey
  readonly createdAt: number
  salt: bigint
  layer = NEWEST.layer
  userId: bigint | undefined
  /** The account whose password is still missing. */
  halfLoggedIn: bigint | undefined
  /** Why the login ended, as an error text, e.g. `SESSION_REVOKED`. */
  ended: string | undefined
  /** What `initConnection` said: device_model, app_version and so on. */
  description: Readonly<Record<string, string | number>> = {}
  readonly sessions = new Map<bigint, Session>()
  /** Where pushes go: the session that was the last to ask for anything but files. */
  updateSession: Session | undefined

  constructor(key: AuthKey, salt: bigint, createdAt: number) {
    this.key = key
    this.salt = salt
    this.createdAt = createdAt
  }

  get keyId(): string {
    return this.key.id
  }

  /** Logged in, and pushes reach it. */
  get online(): boolean {
    return this.userId !== undefined && this.updateSession?.connected === true
  }

  forgetSessions(): void {
    this.sessions.clear()
    this.updateSession = undefined
  }
}

/** The auth keys that the server knows. */
export class Devices {
  private readonly byKey = new Map<string, Device>()

  add(device: Device): Device {
    this.byKey.set(device.keyId, device)
    return device
  }

  get(keyId: string): Device | undefined {
    return this.byKey.get(keyId)
  }

  delete(device: Device): void {
    this.byKey.delete(device.keyId)
  }

  all(): Device[] {
    return [...this.byKey.values()]
  }

  of(userId: bigint): Device[] {
    return this.all().filter((device) => device.userId === userId)
  }
}
