import { X509Certificate, createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { integer, objectId, octets, time } from '../../../../src/networks/irc/der.ts'
import { fingerprints, selfSigned } from '../../../../src/networks/irc/self-signed.ts'

describe('der', () => {
  it.each([
    [integer(Buffer.from([0])), '020100'],
    [integer(Buffer.from([])), '020100'],
    [integer(Buffer.from([0x7f])), '02017f'],
    [integer(Buffer.from([0x80])), '02020080'],
    [integer(Buffer.from([0, 0, 1])), '020101'],
    [objectId('2.5.4.3'), '0603550403'],
    [objectId('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    [octets(Buffer.alloc(128)).subarray(0, 3), '048180'],
    [octets(Buffer.alloc(300)).subarray(0, 4), '0482012c'],
    [time(new Date('2049-12-31T23:59:59.5Z')), `170d${Buffer.from('491231235959Z').toString('hex')}`],
    [time(new Date('2050-01-01T00:00:00Z')), `180f${Buffer.from('20500101000000Z').toString('hex')}`],
  ])('%# encodes', (bytes, hex) => {
    expect(bytes.toString('hex')).toBe(hex)
  })
})

describe('selfSigned', () => {
  it('makes a certificate that signs itself', () => {
    const made = selfSigned('@bob:x.org', { now: new Date('2026-03-01T12:00:00.7Z'), years: 2 })
    const cert = new X509Certificate(made.cert)
    expect(cert.subject).toBe('CN=@bob:x.org')
    expect(cert.issuer).toBe(cert.subject)
    expect(cert.verify(cert.publicKey)).toBe(true)
    expect(cert.checkPrivateKey(createPrivateKey(made.key))).toBe(true)
    expect(cert.ca).toBe(false)
    expect(cert.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(cert.validFromDate).toEqual(new Date('2026-02-28T12:00:00Z'))
    expect(cert.validToDate).toEqual(new Date('2028-03-01T12:00:00Z'))
    expect(made.notAfter).toEqual(cert.validToDate)
    const plain = (text: string) => text.replaceAll(':', '').toLowerCase()
    expect(made.fingerprint).toEqual({
      sha1: plain(cert.fingerprint),
      sha256: plain(cert.fingerprint256),
      sha512: plain(cert.fingerprint512),
    })
    expect(fingerprints(made.cert)).toEqual(made.fingerprint)
  })

  it('makes each one differ', () => {
    expect(selfSigned('a').fingerprint.sha256).not.toBe(selfSigned('a').fingerprint.sha256)
  })

  it.each(['', 'ä'.repeat(100), '\ud800'])('takes the name %j', (name) => {
    expect(new X509Certificate(selfSigned(name).cert).subject).toMatch(/^CN=./)
  })

  it('is accepted by a TLS server as a client certificate', async () => {
    const ours = selfSigned('client')
    const theirs = selfSigned('server')
    const server = createServer({
      key: theirs.key,
      cert: theirs.cert,
      requestCert: true,
      rejectUnauthorized: false,
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const seen = once(server, 'secureConnection') as Promise<[TLSSocket]>
    const client = connect({
      port,
      host: '127.0.0.1',
      key: ours.key,
      cert: ours.cert,
      rejectUnauthorized: false,
    })
    client.on('error', () => {})
    const [socket] = await seen
    expect(socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(
      ours.fingerprint.sha256,
    )
    client.destroy()
    socket.destroy()
    server.close()
  })
})
