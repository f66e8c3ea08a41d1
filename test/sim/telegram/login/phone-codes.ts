import { randomBytes } from 'node:crypto'
import type { TlObject } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from '../wire/device.ts'
import { textOf } from '../wire/fields.ts'
import type { LoginMethods, LoginParts } from './parts.ts'
import { checkApi, firstFactorPassed } from './parts.ts'

const CODE_SECONDS = 300

type SentCode = {
  readonly phone: string
  readonly code: string | undefined
  readonly keyId: string
  expires: number
}

/** Logins by a code that is sent to the phone (https://core.telegram.org/api/auth). */
export class PhoneCodes {
  readonly methods: LoginMethods = {
    'auth.sendCode': (device, args) => {
      checkApi(this.parts, args)
      return this.send(device, textOf(args, 'phone_number'))
    },
    'auth.resendCode': (device, args) => {
      const { phone } = this.find(device, args)
      this.sent.delete(textOf(args, 'phone_code_hash'))
      return this.send(device, phone)
    },
    'auth.cancelCode': (device, args) => {
      this.find(device, args)
      return this.sent.delete(textOf(args, 'phone_code_hash'))
    },
    'auth.signIn': (device, args) => this.signIn(device, args),
    'auth.signUp': () => {
      throw new RpcFault(400, 'API_ID_PUBLISHED_FLOOD')
    },
  }

  private readonly parts: LoginParts
  private readonly sent = new Map<string, SentCode>()

  constructor(parts: LoginParts) {
    this.parts = parts
  }

  /** Codes that were sent are too old from now on. */
  expire(): void {
    for (const sent of this.sent.values()) sent.expires = 0
  }

  private send(device: Device, number: string): TlObject {
    const { accounts, options } = this.parts
    const phone = number.replaceAll(/\D/g, '')
    if (!/^\+?[\d\s()-]+$/.test(number) || phone.length < 7 || phone.length > 15)
      throw new RpcFault(400, 'PHONE_NUMBER_INVALID')
    const account = accounts.byPhone(phone)
    if (account?.state === 'banned') throw new RpcFault(400, 'PHONE_NUMBER_BANNED')
    const code = account === undefined ? undefined : accounts.issueCode(account)
    const hash = randomBytes(9).toString('hex')
    const expires = this.parts.now() + (options.codeSeconds ?? CODE_SECONDS)
    this.sent.set(hash, { phone, code, keyId: device.keyId, expires })
    const { codeType = 'sentCodeTypeApp' } = options
    const withLength = codeType === 'sentCodeTypeSetUpEmailRequired' ? {} : { length: code?.length ?? 5 }
    return { _: 'auth.sentCode', type: { _: `auth.${codeType}`, ...withLength }, phone_code_hash: hash }
  }

  private find(device: Device, args: TlObject): SentCode {
    const sent = this.sent.get(textOf(args, 'phone_code_hash'))
    const phone = textOf(args, 'phone_number').replaceAll(/\D/g, '')
    if (
      sent === undefined ||
      sent.keyId !== device.keyId ||
      sent.phone !== phone ||
      sent.expires <= this.parts.now()
    )
      throw new RpcFault(400, 'PHONE_CODE_EXPIRED')
    return sent
  }

  private signIn(device: Device, args: TlObject): TlObject {
    const { accounts, options } = this.parts
    const code = args['phone_code']
    if (typeof code !== 'string' || code === '') throw new RpcFault(400, 'PHONE_CODE_EMPTY')
    const sent = this.find(device, args)
    const account = accounts.byPhone(sent.phone)
    if (account === undefined) {
      const { unknownNumber = 'PHONE_NUMBER_UNOCCUPIED' } = options
      if (unknownNumber === 'PHONE_NUMBER_UNOCCUPIED') throw new RpcFault(400, unknownNumber)
      return { _: 'auth.authorizationSignUpRequired' }
    }
    if (code !== sent.code) throw new RpcFault(400, 'PHONE_CODE_INVALID')
    this.sent.delete(textOf(args, 'phone_code_hash'))
    return firstFactorPassed(this.parts, device, account)
  }
}
