import { X509Certificate, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

export type KeyAndCert = { key: string; cert: string }

export type SelfSignedOptions = {
  /** signs the certificate; must have been made by this function, since only a common name is read from it */
  ca?: KeyAndCert
  /** DNS names and IP addresses, default the common name, `localhost` and 127.0.0.1 */
  altNames?: readonly string[]
  notBefore?: Date
  /** validity from `notBefore`, default 3650 */
  days?: number
}

const SEQUENCE = 0x30
const SET = 0x31
const OID_COMMON_NAME = [0x55, 0x04, 0x03]
const OID_ECDSA_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
const OID_ALT_NAME = [0x55, 0x1d, 0x11]
const OID_BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13]
const TRUE = der(0x01, Buffer.from([0xff]))
const DAY_MS = 86_400_000

/**
 * Makes a P-256 key and an X.509 v3 certificate (RFC 5280) for it, both PEM, good for a TLS server and for a TLS
 * client (CertFP). Without `ca` it signs itself and may sign others.
 */
export function selfSigned(commonName: string, options: SelfSignedOptions = {}): KeyAndCert {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = options.ca === undefined ? commonName : commonNameOf(options.ca.cert)
  const signer = options.ca === undefined ? privateKey : createPrivateKey(options.ca.key)
  // An hour back, for peers whose clock is behind.
  const from = options.notBefore ?? new Date(Date.now() - 3_600_000)
  const until = new Date(from.getTime() + (options.days ?? 3650) * DAY_MS)
  const algorithm = der(SEQUENCE, oid(OID_ECDSA_SHA256))
  const names = options.altNames ?? [...new Set([commonName, 'localhost', '127.0.0.1'])]
  const tbs = der(
    SEQUENCE,
    der(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
    algorithm,
    name(issuer),
    der(SEQUENCE, time(from), time(until)),
    name(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, basicConstraints(options.ca === undefined), altNames(names))),
  )
  const signature = sign('sha256', tbs, signer)
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(der(SEQUENCE, tbs, algorithm, bitString(signature))),
  }
}

/** SHA-256 of a PEM certificate as IRC shows it: lower-case hex without colons. */
export function fingerprint(cert: string): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase()
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content])
}

/** X.690 section 8.1.3: one octet below 128, else their number and the octets. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

function oid(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes))
}

/** A positive INTEGER: the first bit is the sign, and no zero octet may lead without need. */
function integer(bytes: Buffer): Buffer {
  const positive = Buffer.from(bytes)
  positive[0] = ((positive[0] ?? 0) & 0x7f) | (bytes.length > 1 ? 0x40 : 0)
  return der(0x02, positive)
}

function name(commonName: string): Buffer {
  const value = der(0x0c, Buffer.from(commonName))
  return der(SEQUENCE, der(SET, der(SEQUENCE, oid(OID_COMMON_NAME), value)))
}

/** RFC 5280 section 4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050. */
function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}

function basicConstraints(isCa: boolean): Buffer {
  return der(SEQUENCE, oid(OID_BASIC_CONSTRAINTS), TRUE, der(0x04, der(SEQUENCE, ...(isCa ? [TRUE] : []))))
}

function altNames(names: readonly string[]): Buffer {
  const entries = names.map((entry) =>
    isIP(entry) === 4
      ? der(0x87, Buffer.from(entry.split('.').map(Number)))
      : der(0x82, Buffer.from(entry, 'latin1')),
  )
  return der(SEQUENCE, oid(OID_ALT_NAME), der(0x04, der(SEQUENCE, ...entries)))
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes)
}

function commonNameOf(cert: string): string {
  const found = /^CN=(.*)$/m.exec(new X509Certificate(cert).subject)
  if (found?.[1] === undefined) throw new Error('the signing certificate has no common name')
  return found[1]
}

function pem(data: Buffer): string {
  const lines = data.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
