import { X509Certificate, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { bits, boolean, integer, objectId, octets, sequence, set, tagged, time, utf8String } from './der.ts'

const COMMON_NAME = '2.5.4.3'
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const LONGEST_NAME = 64
const DAY_MS = 86_400_000

export type Certificate = {
  /** PEM, PKCS #8. */
  key: string
  /** PEM. */
  cert: string
  /** Of the DER bytes, in lower-case hexadecimal without colons, as `NickServ CERT ADD` takes them. */
  fingerprint: { sha1: string; sha256: string; sha512: string }
  notAfter: Date
}

/** Makes a client certificate for CertFP: EC P-256, signed by itself, valid from a day ago (clocks differ). */
export function selfSigned(commonName: string, o: { now?: Date; years?: number } = {}): Certificate {
  const now = o.now ?? new Date()
  const notAfter = new Date(now)
  notAfter.setUTCFullYear(now.getUTCFullYear() + (o.years ?? 10))
  notAfter.setUTCMilliseconds(0)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const name = sequence(set(sequence(objectId(COMMON_NAME), utf8String(shorten(commonName)))))
  const algorithm = sequence(objectId(ECDSA_WITH_SHA256))
  const serial = randomBytes(16)
  // Serial numbers are positive (RFC 5280, 4.1.2.2).
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0)
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    sequence(time(new Date(now.getTime() - DAY_MS)), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(
        sequence(objectId(BASIC_CONSTRAINTS), boolean(true), octets(sequence())),
        sequence(objectId(EXTENDED_KEY_USAGE), octets(sequence(objectId(CLIENT_AUTH)))),
      ),
    ),
  )
  const der = sequence(body, algorithm, bits(sign('sha256', body, privateKey)))
  const cert = new X509Certificate(der)
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: cert.toString(),
    fingerprint: fingerprintOf(cert),
    notAfter,
  }
}

/** The fingerprints of a certificate in PEM. @throws when it is none. */
export function fingerprints(cert: string): Certificate['fingerprint'] {
  return fingerprintOf(new X509Certificate(cert))
}

function fingerprintOf({ raw }: X509Certificate): Certificate['fingerprint'] {
  const digest = (algorithm: string) => createHash(algorithm).update(raw).digest('hex')
  return { sha1: digest('sha1'), sha256: digest('sha256'), sha512: digest('sha512') }
}

/** A common name has 1 to 64 characters. */
function shorten(name: string): string {
  return Array.from(name.toWellFormed()).slice(0, LONGEST_NAME).join('') || 'viaduct'
}
