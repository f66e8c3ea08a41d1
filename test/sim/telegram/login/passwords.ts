import { randomBytes } from 'node:crypto'
import type { AccountRecord, TlObject } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from '../wire/device.ts'
import { randomLong } from '../wire/device.ts'
import { DH_GENERATOR, DH_PRIME } from '../wire/diffie-hellman.ts'
import { fromBig } from '../wire/digest.ts'
import { bytesOf, longOf, objectOf } from '../wire/fields.ts'
import type { LoginMethods, LoginParts } from './parts.ts'
import { accountOf, authorization } from './parts.ts'
import type { Salts } from './srp.ts'
import { SrpChallenge, privateKey, verifierOf } from './srp.ts'

const algorithm = ({ salt1, salt2 }: Salts): TlObject => ({
  _: 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow',
  salt1,
  salt2,
  g: DH_GENERATOR,
  p: fromBig(DH_PRIME),
})

type Open = { readonly challenge: SrpChallenge; readonly userId: bigint; readonly password: string }

/** The second factor (https://core.telegram.org/api/srp). */
export class Passwords {
  readonly methods: LoginMethods = {
    'account.getPassword': (device) => this.describe(this.accountOf(device)),
    'auth.checkPassword': (device, args) => this.check(device, args),
  }

  private readonly parts: LoginParts
  private readonly salts: Salts = { salt1: randomBytes(8), salt2: randomBytes(16) }
  private readonly verifiers = new Map<string, Promise<bigint>>()
  private readonly open = new Map<bigint, Open>()

  constructor(parts: LoginParts) {
    this.parts = parts
  }

  private accountOf(device: Device): AccountRecord {
    const half = device.halfLoggedIn === undefined ? undefined : this.parts.accounts.byId(device.halfLoggedIn)
    return half ?? accountOf(this.parts, device)
  }

  private verifier(password: string): Promise<bigint> {
    const known = this.verifiers.get(password) ?? privateKey(password, this.salts).then(verifierOf)
    this.verifiers.set(password, known)
    return known
  }

  private async describe({ userId, password, passwordHint }: AccountRecord): Promise<TlObject> {
    const next = {
      new_algo: algorithm(this.salts),
      new_secure_algo: { _: 'securePasswordKdfAlgoUnknown' },
      secure_random: randomBytes(16),
    }
    if (password === undefined) return { _: 'account.password', ...next }
    const challenge = new SrpChallenge(await this.verifier(password), this.salts)
    const id = randomLong()
    this.open.set(id, { challenge, userId, password })
    return {
      _: 'account.password',
      has_password: true,
      current_algo: algorithm(this.salts),
      srp_B: challenge.publicKey,
      srp_id: id,
      hint: passwordHint,
      ...next,
    }
  }

  private check(device: Device, args: TlObject): TlObject {
    const account = this.accountOf(device)
    const proof = objectOf(args, 'password')
    if (proof._ !== 'inputCheckPasswordSRP') throw new RpcFault(400, 'PASSWORD_HASH_INVALID')
    const id = longOf(proof, 'srp_id')
    const open = this.open.get(id)
    // One try for each challenge; a password that was changed meanwhile needs a new one, too.
    this.open.delete(id)
    if (open === undefined || open.userId !== account.userId || open.password !== account.password)
      throw new RpcFault(400, 'SRP_ID_INVALID')
    if (!open.challenge.accepts(bytesOf(proof, 'A'), bytesOf(proof, 'M1')))
      throw new RpcFault(400, 'PASSWORD_HASH_INVALID')
    return authorization(this.parts, device, account.userId)
  }
}
