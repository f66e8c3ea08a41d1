import { randomBytes } from 'node:crypto'
import type { TlObject } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from '../wire/device.ts'
import { bytesOf, longOf, textOf } from '../wire/fields.ts'
import type { LoginMethods, LoginParts } from './parts.ts'
import { accountOf, authorization, checkApi } from './parts.ts'

const hashOf = (device: Device): bigint => Buffer.from(device.keyId, 'hex').readBigInt64LE(0)

/** One line of the list of active sessions. */
export function describeDevice(device: Device, viewer: Device | undefined): TlObject {
  const text = (name: string) => String(device.description[name] ?? '')
  return {
    _: 'authorization',
    current: device === viewer,
    hash: device === viewer ? 0n : hashOf(device),
    device_model: text('device_model'),
    platform: '',
    system_version: text('system_version'),
    api_id: Number(device.description['api_id'] ?? 0),
    app_name: 'app',
    app_version: text('app_version'),
    date_created: device.createdAt,
    date_active: device.createdAt,
    ip: '127.0.0.1',
    country: 'Local',
    region: '',
  }
}

/** Bots, and the authorizations of an account: which there are, and how they end. */
export class Authorizations {
  readonly methods: LoginMethods = {
    'auth.importBotAuthorization': (device, args) => {
      checkApi(this.parts, args)
      const account = this.parts.accounts.byBotToken(textOf(args, 'bot_auth_token'))
      if (account === undefined) throw new RpcFault(400, 'ACCESS_TOKEN_INVALID')
      if (account.state !== 'active') throw new RpcFault(400, 'ACCESS_TOKEN_EXPIRED')
      return authorization(this.parts, device, account.userId)
    },
    'auth.logOut': (device) => {
      accountOf(this.parts, device)
      this.parts.loggedOut(device)
      return { _: 'auth.loggedOut' }
    },
    'account.getAuthorizations': (device) => ({
      _: 'account.authorizations',
      authorization_ttl_days: 180,
      authorizations: this.others(device, true).map((other) => describeDevice(other, device)),
    }),
    'account.resetAuthorization': (device, args) => {
      const hash = longOf(args, 'hash')
      const other = this.others(device).find((one) => hashOf(one) === hash)
      if (other === undefined) throw new RpcFault(400, 'HASH_INVALID')
      this.parts.loggedOut(other)
      return true
    },
    'auth.resetAuthorizations': (device) => {
      for (const other of this.others(device)) this.parts.loggedOut(other)
      return true
    },
    'auth.exportAuthorization': (device) => {
      const { userId } = accountOf(this.parts, device)
      const bytes = randomBytes(16)
      this.exported.set(bytes.toString('hex'), userId)
      return { _: 'auth.exportedAuthorization', id: userId, bytes }
    },
    'auth.importAuthorization': (device, args) => {
      const ticket = bytesOf(args, 'bytes').toString('hex')
      const userId = this.exported.get(ticket)
      this.exported.delete(ticket)
      if (userId === undefined || userId !== longOf(args, 'id')) throw new RpcFault(400, 'AUTH_BYTES_INVALID')
      return authorization(this.parts, device, userId)
    },
  }

  private readonly parts: LoginParts
  private readonly exported = new Map<string, bigint>()

  constructor(parts: LoginParts) {
    this.parts = parts
  }

  private others(device: Device, withOwn = false): Device[] {
    const { userId } = accountOf(this.parts, device)
    return this.parts.devices().filter((other) => other.userId === userId && (withOwn || other !== device))
  }
}
