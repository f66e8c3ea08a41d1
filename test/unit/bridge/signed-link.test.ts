import * as fc from 'fast-check'
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { LinkSigner } from '../../../src/model/signed-link.ts'
import type { Linked } from '../../../src/model/signed-link.ts'

const KEY = Buffer.alloc(32, 7)
const signer = new LinkSigner(KEY)
const NOW = new Date('2026-01-01T00:00:00Z')
const LINK: Linked = { kind: 'media', id: 'mxc://sim.local/abc', expiresAt: new Date('2026-01-31T00:00:00Z') }
const TOKEN = signer.sign(LINK)

/** A token as only the owner of the key can make it, around any payload. */
function sealed(payload: string): string {
  const encoded = Buffer.from(payload).toString('base64url')
  return `${encoded}.${createHmac('sha256', KEY).update(encoded).digest('base64url')}`
}

test('a token gives back what was signed', () => {
  expect(signer.verify(TOKEN, NOW)).toEqual(LINK)
  const text: Linked = { ...LINK, kind: 'text', id: 'ünïcode "quoted"' }
  expect(signer.verify(signer.sign(text), NOW)).toEqual(text)
})

test('a token has only characters that a path can hold', () => {
  expect(TOKEN).toMatch(/^[A-Za-z0-9_.-]+$/)
})

test('a token holds until its time, and not in that moment or after', () => {
  const at = (ms: number) => new Date(LINK.expiresAt.getTime() + ms)
  expect(signer.verify(TOKEN, at(-1))).toEqual(LINK)
  expect(signer.verify(TOKEN, at(0))).toBeUndefined()
  expect(signer.verify(TOKEN, at(1))).toBeUndefined()
})

test('a token of another key is worth nothing', () => {
  const other = new LinkSigner(Buffer.alloc(32, 8)).sign(LINK)
  expect(signer.verify(other, NOW)).toBeUndefined()
})

test('the parts of two tokens cannot be put together', () => {
  const [payload] = signer.sign({ ...LINK, id: 'mxc://sim.local/secret' }).split('.')
  const [, mac] = TOKEN.split('.')
  expect(signer.verify(`${payload}.${mac}`, NOW)).toBeUndefined()
})

test.each([
  '',
  '.',
  '..',
  'a.b',
  `${TOKEN}.`,
  `.${TOKEN}`,
  `${TOKEN}.x`,
  TOKEN.replace('.', ''),
  TOKEN.slice(0, -2),
])('the damaged token %j is worth nothing', (token) => {
  expect(signer.verify(token, NOW)).toBeUndefined()
})

test('any other payload fails, whatever it is', () => {
  const [payload = '', mac = ''] = TOKEN.split('.')
  fc.assert(
    fc.property(
      fc.nat(payload.length - 1),
      fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '_', '-'),
      (at, letter) => {
        fc.pre(payload[at] !== letter)
        const changed = payload.slice(0, at) + letter + payload.slice(at + 1)
        expect(signer.verify(`${changed}.${mac}`, NOW)).toBeUndefined()
      },
    ),
  )
})

test('any text at all is refused without a throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (token) => {
      expect(signer.verify(token, NOW)).toBeUndefined()
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.base64String(), fc.base64String(), (payload, mac) => {
      expect(signer.verify(`${payload}.${mac}`, NOW)).toBeUndefined()
    }),
  )
})

test.each([
  '["media"]',
  '["media",5,4000000000]',
  '["media","id","4000000000"]',
  '["login","id",4000000000]',
  '["__proto__","id",4000000000]',
  '["media","id",1e999]',
  '["media","id",null]',
])('a proven token that says %s opens nothing', (payload) => {
  expect(signer.verify(sealed(payload), NOW)).toBeUndefined()
})

test('a key that is too short is refused at the start', () => {
  expect(() => new LinkSigner(Buffer.alloc(31))).toThrow('32 bytes')
})
