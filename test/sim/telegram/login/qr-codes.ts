import { randomBytes } from 'node:crypto'
import type { TlObject } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from '../wire/device.ts'
import { bytesOf } from '../wire/fields.ts'
import { describeDevice } from './authorizations.ts'
import type { LoginMethods, LoginParts } from './parts.ts'
import { accountOf, checkApi, firstFactorPassed } from './parts.ts'

const QR_SECONDS = 30

type Token = {
  readonly device: Device
  readonly bytes: Buffer
  expires: number
  accepted: bigint | undefined
}

/** Logins by a QR code that another device accepts (https://core.telegram.org/api/qr-login). */
export class QrCodes {
  readonly methods: LoginMethods = {
    'auth.exportLoginToken': (device, args) => {
      checkApi(this.parts, args)
      return this.export(device)
    },
    'auth.importLoginToken': (device, args) => {
      const token = this.find(bytesOf(args, 'token'))
      if (token.accepted === undefined) throw new RpcFault(400, 'AUTH_TOKEN_INVALID')
      return this.success(device, token.accepted)
    },
    'auth.acceptLoginToken': (device, args) => {
      const { userId } = accountOf(this.parts, device)
      return describeDevice(this.accept(bytesOf(args, 'token'), userId), undefined)
    },
  }

  private readonly parts: LoginParts
  private tokens: Token[] = []

  constructor(parts: LoginParts) {
    this.parts = parts
  }

  /** The account's phone accepts the code. Throws RpcFault for an unknown, used or old one. */
  accept(bytes: Uint8Array, userId: bigint): Device {
    const token = this.find(bytes)
    if (token.accepted !== undefined) throw new RpcFault(400, 'AUTH_TOKEN_ALREADY_ACCEPTED')
    token.accepted = userId
    this.parts.push(token.device, {
      _: 'updateShort',
      update: { _: 'updateLoginToken' },
      date: this.parts.now(),
    })
    return token.device
  }

  /** Codes that are shown now are too old from now on. */
  expire(): void {
    for (const token of this.tokens) token.expires = 0
  }

  private find(bytes: Uint8Array): Token {
    const token = this.tokens.find((one) => one.bytes.equals(bytes))
    if (token === undefined) throw new RpcFault(400, 'AUTH_TOKEN_INVALID')
    if (token.expires <= this.parts.now()) throw new RpcFault(400, 'AUTH_TOKEN_EXPIRED')
    return token
  }

  private export(device: Device): TlObject {
    const now = this.parts.now()
    this.tokens = this.tokens.filter(
      ({ expires, accepted }) => expires > now - QR_SECONDS || accepted !== undefined,
    )
    if (device.userId !== undefined) return this.success(device, device.userId)
    const accepted = this.tokens.find((token) => token.device === device && token.accepted !== undefined)
    if (accepted?.accepted !== undefined) {
      this.tokens = this.tokens.filter((token) => token.device !== device)
      return this.success(device, accepted.accepted)
    }
    const expires = now + (this.parts.options.qrSeconds ?? QR_SECONDS)
    const bytes = randomBytes(32)
    this.tokens.push({ device, bytes, expires, accepted: undefined })
    return { _: 'auth.loginToken', expires, token: bytes }
  }

  private success(device: Device, userId: bigint): TlObject {
    const account = this.parts.accounts.byId(userId)
    if (account === undefined) throw new RpcFault(400, 'AUTH_TOKEN_INVALID')
    return { _: 'auth.loginTokenSuccess', authorization: firstFactorPassed(this.parts, device, account) }
  }
}
