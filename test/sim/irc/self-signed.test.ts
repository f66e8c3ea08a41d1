import { X509Certificate, createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { fingerprint, selfSigned } from './self-signed.ts'

async function serve(options: tls.TlsOptions): Promise<number> {
  const server = tls.createServer(options, (socket) => socket.end('hello'))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function handshake(options: tls.ConnectionOptions): Promise<string> {
  const socket = tls.connect({ host: '127.0.0.1', ...options })
  socket.on('data', () => {})
  try {
    await once(socket, 'secureConnect')
    return 'connected'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'failed'
  } finally {
    socket.destroy()
  }
}

test('the certificate says who it is for, for how long, and verifies with its own key', () => {
  const { key, cert } = selfSigned('irc.example', { notBefore: new Date('2049-06-01T00:00:00Z'), days: 365 })
  const parsed = new X509Certificate(cert)
  expect(parsed.subject).toBe('CN=irc.example')
  expect(parsed.issuer).toBe('CN=irc.example')
  expect(parsed.subjectAltName).toBe('DNS:irc.example, DNS:localhost, IP Address:127.0.0.1')
  expect(parsed.validFrom).toBe('Jun  1 00:00:00 2049 GMT')
  expect(parsed.validTo).toBe('Jun  1 00:00:00 2050 GMT')
  expect(parsed.ca).toBe(true)
  expect(parsed.verify(parsed.publicKey)).toBe(true)
  expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect(fingerprint(cert)).toMatch(/^[0-9a-f]{64}$/)
})

test('every certificate is well-formed, whatever its serial number', () => {
  const serials = Array.from({ length: 200 }, () => new X509Certificate(selfSigned('x').cert).serialNumber)
  expect(new Set(serials).size).toBe(200)
})

test('a TLS client trusts it when told to, and not otherwise', async () => {
  const own = selfSigned('irc.example')
  const port = await serve(own)
  expect(await handshake({ port, ca: own.cert, servername: 'irc.example' })).toBe('connected')
  expect(await handshake({ port, ca: own.cert })).toBe('connected')
  expect(await handshake({ port, ca: own.cert, servername: 'other.example' })).toBe(
    'ERR_TLS_CERT_ALTNAME_INVALID',
  )
  expect(await handshake({ port, servername: 'irc.example' })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
})

test('a certificate signed by another one is trusted through it, on both sides', async () => {
  const ca = selfSigned('Test Authority')
  const server = selfSigned('irc.example', { ca })
  const client = selfSigned('alice', { ca })
  expect(new X509Certificate(server.cert).ca).toBe(false)
  const port = await serve({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true })
  expect(await handshake({ port, ca: ca.cert, servername: 'irc.example', ...client })).toBe('connected')
  expect(
    await handshake({ port, ca: selfSigned('Test Authority').cert, servername: 'irc.example', ...client }),
  ).not.toBe('connected')
})
