import { inflateSync } from 'node:zlib'
import type { Node } from '../contract.ts'
import { MARK, doubleToken, serverOf, singleToken } from './tokens.ts'

const DEFLATED = 2
const NIBBLES = '0123456789-.'
const HEX = '0123456789ABCDEF'

/** A stanza from the payload of a frame. Throws for what is no stanza, and for bytes after it. */
export function decodeNode(payload: Uint8Array): Node {
  const bytes = Buffer.from(payload)
  const flags = bytes[0] ?? 0
  const body = (flags & DEFLATED) === 0 ? bytes.subarray(1) : inflateSync(bytes.subarray(1))
  const cursor = new Cursor(body)
  const node = readNode(cursor)
  if (!cursor.done) throw new Error('binary XML: bytes after the stanza')
  return node
}

class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Error('binary XML: the stanza ends too early')
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
  }

  number(length: number): number {
    return this.take(length).readUIntBE(0, length)
  }

  byte(): number {
    return this.number(1)
  }
}

function readNode(cursor: Cursor): Node {
  const size = listSize(cursor, cursor.byte())
  if (size === undefined || size === 0) throw new Error('binary XML: a stanza is a list that is not empty')
  const tag = readText(cursor, cursor.byte())
  if (tag === '') throw new Error('binary XML: a stanza has a tag')
  const attrs: Record<string, string> = {}
  for (let pair = 0; pair < (size - 1) >> 1; pair++) {
    const key = readText(cursor, cursor.byte())
    attrs[key] = readText(cursor, cursor.byte())
  }
  return size % 2 === 1 ? { tag, attrs } : { tag, attrs, content: readContent(cursor) }
}

function readContent(cursor: Cursor): Node[] | Uint8Array | string {
  const mark = cursor.byte()
  const size = listSize(cursor, mark)
  if (size !== undefined) return Array.from({ length: size }, () => readNode(cursor))
  return readBinary(cursor, mark) ?? readText(cursor, mark)
}

function listSize(cursor: Cursor, mark: number): number | undefined {
  if (mark === MARK.empty) return 0
  if (mark === MARK.list8) return cursor.byte()
  return mark === MARK.list16 ? cursor.number(2) : undefined
}

function readBinary(cursor: Cursor, mark: number): Buffer | undefined {
  if (mark === MARK.binary8) return cursor.take(cursor.byte())
  if (mark === MARK.binary20) return cursor.take(cursor.number(3) & 0xfffff)
  return mark === MARK.binary32 ? cursor.take(cursor.number(4)) : undefined
}

function readText(cursor: Cursor, mark: number): string {
  if (mark >= MARK.dictionary && mark < MARK.dictionary + 4)
    return known(doubleToken(mark - MARK.dictionary, cursor.byte()), mark)
  switch (mark) {
    case MARK.empty:
      return ''
    case MARK.nibbles:
      return readPacked(cursor, NIBBLES)
    case MARK.hex:
      return readPacked(cursor, HEX)
    case MARK.jid: {
      const user = readText(cursor, cursor.byte())
      return `${user}@${readText(cursor, cursor.byte())}`
    }
    case MARK.deviceJid: {
      const server = known(serverOf(cursor.byte()), mark)
      const device = cursor.byte()
      const user = readText(cursor, cursor.byte())
      return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`
    }
    default:
      return readBinary(cursor, mark)?.toString('utf8') ?? known(singleToken(mark), mark)
  }
}

function readPacked(cursor: Cursor, alphabet: string): string {
  const count = cursor.byte()
  const halves = [...cursor.take(count & 0x7f)].flatMap((byte) => [byte >> 4, byte & 0xf])
  if (count >> 7 === 1) halves.pop()
  return halves.map((half) => known(alphabet[half], half)).join('')
}

function known(text: string | undefined, mark: number): string {
  if (text === undefined || text === '') throw new Error(`binary XML: nothing is known by ${mark}`)
  return text
}
