import type { TlObject, TlValue } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from '../wire/device.ts'
import { Authorizations } from './authorizations.ts'
import type { LoginMethods, LoginParts } from './parts.ts'
import { Passwords } from './passwords.ts'
import { PhoneCodes } from './phone-codes.ts'
import { QrCodes } from './qr-codes.ts'

/** Everything that makes or ends a login, and the check that one is there. */
export class Login {
  readonly phoneCodes: PhoneCodes
  readonly qrCodes: QrCodes
  private readonly parts: LoginParts
  private readonly methods: LoginMethods

  /** @param free methods that need no login, beside those of logins */
  constructor(parts: LoginParts, free: LoginMethods) {
    this.parts = parts
    this.phoneCodes = new PhoneCodes(parts)
    this.qrCodes = new QrCodes(parts)
    this.methods = {
      ...free,
      ...this.phoneCodes.methods,
      ...this.qrCodes.methods,
      ...new Passwords(parts).methods,
      ...new Authorizations(parts).methods,
    }
  }

  /** Throws RpcFault 401 if the device may not call the methods of an account now. */
  requireLogin(device: Device): void {
    if (device.halfLoggedIn !== undefined) throw new RpcFault(401, 'SESSION_PASSWORD_NEEDED')
    if (device.userId === undefined) throw new RpcFault(401, device.ended ?? 'AUTH_KEY_UNREGISTERED')
    const state = this.parts.accounts.byId(device.userId)?.state
    if (state === 'deactivated') throw new RpcFault(401, 'USER_DEACTIVATED')
    if (state === 'banned') throw new RpcFault(401, 'USER_DEACTIVATED_BAN')
  }

  /** Runs a method of the login, or `otherwise` for everybody who is logged in. */
  call(
    device: Device,
    args: TlObject,
    otherwise: (device: Device, args: TlObject) => TlValue | Promise<TlValue>,
  ): TlValue | Promise<TlValue> {
    const own = this.methods[args._]
    if (own !== undefined) return own(device, args)
    this.requireLogin(device)
    if (args._.startsWith('auth.')) throw new RpcFault(400, 'METHOD_INVALID')
    return otherwise(device, args)
  }
}
