import { proto } from '@whiskeysockets/baileys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { WhatsAppFront } from '../front.ts'
import { StubWorld } from '../login/stub-world.ts'
import { generateKeyPair } from './curve.ts'
import { FrameReader, frame } from './frames.ts'

const HEADER = Buffer.from([0x57, 0x41, 6, 3])

let front: WhatsAppFront

beforeEach(async () => {
  const world = new StubWorld()
  front = await WhatsAppFront.start(world, world)
})
afterEach(() => front.stop())

/** A bare websocket: what it hears, and its end. */
async function bare() {
  const socket = new WebSocket(front.url)
  const heard: Buffer[] = []
  socket.on('message', (data: Buffer) => heard.push(data))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve())
  })
  await new Promise<void>((resolve) => {
    socket.on('open', () => resolve())
  })
  return { socket, heard, closed }
}

function hello(ephemeral: Uint8Array): Buffer {
  return frame(proto.HandshakeMessage.encode({ clientHello: { ephemeral } }).finish())
}

describe('a connection that is none of WhatsApp is closed', () => {
  it.each<[string, Buffer]>([
    ['another header', Buffer.concat([Buffer.from('WA\x05\x02'), hello(generateKeyPair().public)])],
    ['no protobuf', Buffer.concat([HEADER, frame(Buffer.from('ffffff', 'hex'))])],
    ['no ephemeral key', Buffer.concat([HEADER, hello(new Uint8Array())])],
    ['a short ephemeral key', Buffer.concat([HEADER, hello(new Uint8Array(16))])],
    ['the zero key', Buffer.concat([HEADER, hello(new Uint8Array(32))])],
  ])('%s', async (_, bytes) => {
    const { socket, heard, closed } = await bare()
    socket.send(bytes)
    await closed
    expect(heard).toEqual([])
  })

  it('a finish that was made with other keys', async () => {
    const { socket, heard, closed } = await bare()
    socket.send(Buffer.concat([HEADER, hello(generateKeyPair().public)]))
    const finish = { clientFinish: { static: Buffer.alloc(48, 1), payload: Buffer.alloc(48, 2) } }
    socket.send(frame(proto.HandshakeMessage.encode(finish).finish()))
    await closed
    expect(heard).toHaveLength(1)
    expect(front.journal.entries).toEqual([])
  })
})

describe('frames', () => {
  const long = Buffer.alloc(3000, 9)
  const stream = Buffer.concat([HEADER, frame(Buffer.from('one')), frame(Buffer.alloc(0)), frame(long)])

  it.each([1, 2, 3, 5, 1000, stream.length])('are found in pieces of %i bytes', (size) => {
    const reader = new FrameReader()
    const frames: Buffer[] = []
    for (let at = 0; at < stream.length; at += size)
      frames.push(...reader.read(stream.subarray(at, at + size)))
    expect(frames).toEqual([Buffer.from('one'), Buffer.alloc(0), long])
    expect(reader.prologue).toEqual({ header: HEADER, routing: undefined })
  })

  it('are found behind an edge routing', () => {
    const reader = new FrameReader()
    const routing = Buffer.from('somewhere')
    const prologue = Buffer.concat([Buffer.from('ED\0\x01\0\0\x09'), routing])
    const found = Array.from(Buffer.concat([prologue, stream]), (byte) =>
      reader.read(Buffer.from([byte])),
    ).flat()
    expect(found).toHaveLength(3)
    expect(reader.prologue).toEqual({ header: HEADER, routing })
  })
})
