import { deflateSync } from 'node:zlib'
import type { Node } from '../contract.ts'
import { MARK, domainOf, tokenOf } from './tokens.ts'

const NIBBLES = { alphabet: '0123456789-.', all: /^[0-9.-]+$/, mark: MARK.nibbles }
const HEX = { alphabet: '0123456789ABCDEF', all: /^[0-9A-F]+$/, mark: MARK.hex }
const PACKED_MAX = 127
const PLAIN = 0
const DEFLATED = 2
const DEVICE_JID = /^(\d+):(\d{1,3})@([a-z.]+)$/
const JID = /^([0-9A-Za-z.-]*)@([a-z.]+)$/

/** A stanza as the payload of a frame: a byte of flags, then binary XML, deflated if it has so many bytes. */
export function encodeNode(node: Node, deflateFrom = Infinity): Buffer {
  const bytes: Uint8Array[] = []
  writeNode(bytes, node)
  const body = Buffer.concat(bytes)
  return body.length >= deflateFrom
    ? Buffer.concat([Buffer.from([DEFLATED]), deflateSync(body)])
    : Buffer.concat([Buffer.from([PLAIN]), body])
}

type Out = Uint8Array[]

function writeNode(out: Out, { tag, attrs, content }: Node): void {
  const pairs = Object.entries(attrs)
  writeListHead(out, 1 + 2 * pairs.length + (content === undefined ? 0 : 1))
  writeText(out, tag)
  for (const [key, value] of pairs) {
    writeText(out, key)
    writeText(out, value)
  }
  if (content === undefined) return
  if (typeof content === 'string') return writeText(out, content)
  if (content instanceof Uint8Array) return writeBinary(out, content)
  writeListHead(out, content.length)
  for (const one of content) writeNode(out, one)
}

function writeListHead(out: Out, length: number): void {
  if (length === 0) out.push(Buffer.from([MARK.empty]))
  else if (length < 0x100) out.push(Buffer.from([MARK.list8, length]))
  else out.push(Buffer.from([MARK.list16, length >> 8, length & 0xff]))
}

function writeBinary(out: Out, bytes: Uint8Array): void {
  const { length } = bytes
  const head = Buffer.alloc(length < 0x100 ? 2 : length < 1 << 20 ? 4 : 5)
  head[0] = length < 0x100 ? MARK.binary8 : length < 1 << 20 ? MARK.binary20 : MARK.binary32
  head.writeUIntBE(length, 1, head.length - 1)
  out.push(head, bytes)
}

/** A text takes the shortest form that gives it back: a word, packed digits, a JID, or bytes. */
function writeText(out: Out, text: string): void {
  const token = tokenOf(text)
  if (token !== undefined) out.push(Buffer.from(token))
  else if (isPackable(text, NIBBLES)) writePacked(out, text, NIBBLES)
  else if (isPackable(text, HEX)) writePacked(out, text, HEX)
  else if (!writeJid(out, text)) writeBinary(out, Buffer.from(text))
}

function writeJid(out: Out, text: string): boolean {
  const [, user, device, server] = DEVICE_JID.exec(text) ?? []
  const domain = server === undefined ? undefined : domainOf(server)
  if (user !== undefined && device !== undefined && domain !== undefined) {
    // Other spellings of a device, as `:0` or `:07`, would come out different.
    const number = Number(device)
    if (String(number) !== device || number === 0 || number > 0xff) return false
    out.push(Buffer.from([MARK.deviceJid, domain, number]))
    writeText(out, user)
    return true
  }
  const [, name, place] = JID.exec(text) ?? []
  if (name === undefined || place === undefined) return false
  out.push(Buffer.from([MARK.jid]))
  if (name === '') out.push(Buffer.from([MARK.empty]))
  else writeText(out, name)
  writeText(out, place)
  return true
}

type Packing = typeof NIBBLES | typeof HEX

function isPackable(text: string, { all }: Packing): boolean {
  return text.length <= PACKED_MAX && all.test(text)
}

/** Two characters to the byte; the high bit of the count says that the last half is filler. */
function writePacked(out: Out, text: string, { alphabet, mark }: Packing): void {
  const bytes = Buffer.alloc(2 + Math.ceil(text.length / 2))
  bytes[0] = mark
  bytes[1] = (bytes.length - 2) | ((text.length % 2) << 7)
  for (let at = 0; at < text.length; at += 2) {
    const low = at + 1 < text.length ? alphabet.indexOf(text.charAt(at + 1)) : 0xf
    bytes[2 + at / 2] = (alphabet.indexOf(text.charAt(at)) << 4) | low
  }
  out.push(bytes)
}
