import { randomBytes } from 'node:crypto'
import type { TlObject } from '../contract.ts'
import { AuthKey } from './auth-key.ts'
import { DH_GENERATOR, DH_PRIME } from './diffie-hellman.ts'
import { fromBig, power, sha1, toBig, xor } from './digest.ts'
import { bytesOf } from './fields.ts'
import { igeDecrypt, igeEncrypt } from './ige.ts'
import { MTPROTO } from './layers.ts'
import type { ServerKey } from './server-key.ts'
import { decodeObject } from './tl-decode.ts'
import { encodeObject } from './tl-encode.ts'

export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
}

/** What a key exchange can do wrong, once. */
export type HandshakeFault = 'wrong-nonce' | 'wrong-hash' | 'wrong-inner-hash' | 'retry' | 'fail'

export type NewKey = { readonly key: AuthKey; readonly salt: bigint }

type Step = { readonly reply: TlObject; readonly created?: NewKey }

type Secrets = { readonly newNonce: Buffer; readonly key: Buffer; readonly iv: Buffer; readonly a: bigint }

// The product of two primes that every client factors at once.
const PQ = Buffer.from('17ed48941a08f981', 'hex')
const P = Buffer.from('494c553b', 'hex')
const Q = Buffer.from('53911073', 'hex')

function flipped(bytes: Buffer): Buffer {
  return xor(bytes, Uint8Array.of(1))
}

function transportKey(newNonce: Buffer, serverNonce: Buffer): { key: Buffer; iv: Buffer } {
  const a = sha1(newNonce, serverNonce)
  const b = sha1(serverNonce, newNonce)
  const c = sha1(newNonce, newNonce)
  return {
    key: Buffer.concat([a, b.subarray(0, 12)]),
    iv: Buffer.concat([b.subarray(12, 20), c, newNonce.subarray(0, 4)]),
  }
}

/** The server's side of one key exchange (https://core.telegram.org/mtproto/auth_key). */
export class Handshake {
  private readonly serverKey: ServerKey
  private readonly now: () => number
  private readonly fault: HandshakeFault | undefined
  private nonce: Buffer = Buffer.alloc(0)
  private readonly serverNonce = randomBytes(16)
  private secrets: Secrets | undefined
  private retried = false

  constructor(serverKey: ServerKey, now: () => number, fault?: HandshakeFault) {
    this.serverKey = serverKey
    this.now = now
    this.fault = fault
  }

  /** Throws HandshakeError if the client's part is wrong. */
  receive(request: TlObject): Step {
    switch (request._) {
      case 'req_pq':
      case 'req_pq_multi':
        return this.begin(request)
      case 'req_DH_params':
        return this.offer(request)
      case 'set_client_DH_params':
        return this.finish(request)
      default:
        throw new HandshakeError(`${request._} without a key`)
    }
  }

  private begin(request: TlObject): Step {
    this.nonce = bytesOf(request, 'nonce')
    return {
      reply: {
        _: 'resPQ',
        nonce: this.fault === 'wrong-nonce' ? flipped(this.nonce) : this.nonce,
        server_nonce: this.serverNonce,
        pq: PQ,
        server_public_key_fingerprints: [this.serverKey.fingerprint],
      },
    }
  }

  private offer(request: TlObject): Step {
    this.requireNonces(request)
    if (!bytesOf(request, 'p').equals(P) || !bytesOf(request, 'q').equals(Q))
      throw new HandshakeError('p and q')
    const data = this.serverKey.unpad(bytesOf(request, 'encrypted_data'))
    if (data === undefined) throw new HandshakeError('RSA_PAD')
    const inner = decodeObject(MTPROTO, data)
    this.requireNonces(inner)
    const newNonce = bytesOf(inner, 'new_nonce')
    const a = toBig(randomBytes(256))
    this.secrets = { newNonce, a, ...transportKey(newNonce, this.serverNonce) }
    return { reply: { ...this.nonces('server_DH_params_ok'), encrypted_answer: this.sealed(this.secrets) } }
  }

  private sealed({ a, key, iv }: Secrets): Buffer {
    const answer = encodeObject(MTPROTO, {
      ...this.nonces('server_DH_inner_data'),
      g: DH_GENERATOR,
      dh_prime: fromBig(DH_PRIME),
      g_a: fromBig(power(BigInt(DH_GENERATOR), a, DH_PRIME)),
      server_time: this.now(),
    })
    const hash = this.fault === 'wrong-inner-hash' ? flipped(sha1(answer)) : sha1(answer)
    const padding = randomBytes((16 - ((answer.length + 20) % 16)) % 16)
    return igeEncrypt(Buffer.concat([hash, answer, padding]), key, iv)
  }

  private finish(request: TlObject): Step {
    this.requireNonces(request)
    const { secrets } = this
    if (secrets === undefined) throw new HandshakeError('set_client_DH_params came too early')
    const plain = igeDecrypt(bytesOf(request, 'encrypted_data'), secrets.key, secrets.iv)
    const inner = decodeObject(MTPROTO, plain.subarray(20))
    const length = encodeObject(MTPROTO, inner).length
    if (!sha1(plain.subarray(20, 20 + length)).equals(plain.subarray(0, 20)))
      throw new HandshakeError('a wrong SHA1')
    const secret = fromBig(power(toBig(bytesOf(inner, 'g_b')), secrets.a, DH_PRIME))
    return this.answer(secrets.newNonce, new AuthKey(secret))
  }

  private answer(newNonce: Buffer, key: AuthKey): Step {
    const hash = (kind: number) =>
      sha1(newNonce, Uint8Array.of(kind), sha1(key.secret).subarray(0, 8)).subarray(4, 20)
    if (this.fault === 'fail') return { reply: { ...this.nonces('dh_gen_fail'), new_nonce_hash3: hash(3) } }
    if (this.fault === 'retry' && !this.retried) {
      this.retried = true
      return { reply: { ...this.nonces('dh_gen_retry'), new_nonce_hash2: hash(2) } }
    }
    const hash1 = this.fault === 'wrong-hash' ? flipped(hash(1)) : hash(1)
    const salt = xor(newNonce.subarray(0, 8), this.serverNonce.subarray(0, 8)).readBigInt64LE(0)
    return { reply: { ...this.nonces('dh_gen_ok'), new_nonce_hash1: hash1 }, created: { key, salt } }
  }

  private nonces(name: string): TlObject {
    return { _: name, nonce: this.nonce, server_nonce: this.serverNonce }
  }

  private requireNonces(object: TlObject): void {
    const same =
      bytesOf(object, 'nonce').equals(this.nonce) && bytesOf(object, 'server_nonce').equals(this.serverNonce)
    if (!same) throw new HandshakeError(`${object._} with the nonces of another exchange`)
  }
}
