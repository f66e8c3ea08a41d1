import { gunzipSync, gzipSync, unzipSync } from 'node:zlib'
import { ByteReader, ByteWriter } from './tl-bytes.ts'

const CONTAINER = 0x73f1f8dc
const GZIP_PACKED = 0x3072cfa1
const RPC_RESULT = 0xf35c6d01

const GZIP_FROM = 1024
const MOST_INFLATED = 64 << 20

/** One message below the API: its id carries the sender's time, its seqno how many content messages came before. */
export type WireMessage = { readonly messageId: bigint; readonly seqno: number; readonly body: Buffer }

export type Plaintext = WireMessage & { readonly salt: bigint; readonly sessionId: bigint }

export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
}

/** Reads a decrypted packet (https://core.telegram.org/mtproto/description#encrypted-message-encrypted-data). */
export function readPlaintext(bytes: Uint8Array): Plaintext {
  const input = new ByteReader(bytes)
  const header = { salt: input.long(), sessionId: input.long(), messageId: input.long(), seqno: input.int() }
  const length = input.int()
  const padding = input.left - length
  if (length < 0 || length % 4 !== 0 || padding < 12 || padding > 1024)
    throw new EnvelopeError(`a body of ${length} bytes and ${padding} of padding`)
  return { ...header, body: input.raw(length) }
}

export function writePlaintext({ salt, sessionId, messageId, seqno, body }: Plaintext): Buffer {
  const out = new ByteWriter()
  out.long(salt)
  out.long(sessionId)
  out.long(messageId)
  out.int(seqno)
  out.int(body.length)
  out.raw(body)
  return out.result()
}

export const isContainer = (body: Buffer): boolean => body.length >= 8 && body.readUInt32LE(0) === CONTAINER

export function unpackContainer(body: Buffer): WireMessage[] {
  const input = new ByteReader(body.subarray(4))
  return Array.from({ length: input.int() }, () => {
    const header = { messageId: input.long(), seqno: input.int() }
    return { ...header, body: input.raw(input.int()) }
  })
}

export function packContainer(messages: readonly WireMessage[]): Buffer {
  const out = new ByteWriter()
  out.int(CONTAINER)
  out.int(messages.length)
  for (const { messageId, seqno, body } of messages) {
    out.long(messageId)
    out.int(seqno)
    out.int(body.length)
    out.raw(body)
  }
  return out.result()
}

/** The body itself, or what was compressed in it. Clients send gzip as well as zlib. */
export function inflated(body: Buffer): Buffer {
  if (body.length < 8 || body.readUInt32LE(0) !== GZIP_PACKED) return body
  const packed = new ByteReader(body.subarray(4)).bytes()
  const options = { maxOutputLength: MOST_INFLATED }
  return packed.readUInt16BE(0) === 0x1f8b ? gunzipSync(packed, options) : unzipSync(packed, options)
}

/** `rpc_result`; what is larger than a kibibyte goes compressed, if that makes it smaller. */
export function rpcResult(requestId: bigint, answer: Buffer): Buffer {
  const out = new ByteWriter()
  out.int(RPC_RESULT)
  out.long(requestId)
  const packed = answer.length > GZIP_FROM ? gzipSync(answer, { level: 1 }) : answer
  if (packed.length < answer.length) {
    out.int(GZIP_PACKED)
    out.bytes(packed)
  } else out.raw(answer)
  return out.result()
}
