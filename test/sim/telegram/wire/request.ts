import type { TlObject } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from './device.ts'
import { inflated } from './envelope.ts'
import { intOf, longOf, longsOf, objectOf } from './fields.ts'
import { schemaFor } from './layers.ts'
import { upgraded } from './upgrade.ts'
import { ByteReader } from './tl-bytes.ts'
import { decodeObject } from './tl-decode.ts'
import { isObject } from './tl-encode.ts'

/** A call, without what was wrapped around it (https://core.telegram.org/api/invoking). */
export type Request = {
  readonly query: TlObject
  /** It must not run before these requests of the same session ended. */
  readonly after: readonly bigint[]
  readonly wantsUpdates: boolean
}

const INVOKE_WITH_LAYER = 0xda9b0d0d
const INVOKE_AFTER_MSG = 0xcb9f372d
const INVOKE_WITHOUT_UPDATES = 0xbf9459b7
const VECTOR = 0x1cb5c415
const INVOKE_AFTER_MSGS = 0x3dc4b4f0

type Wrapping = { after: bigint[]; wantsUpdates: boolean }

/** Takes off, byte by byte, what stands before the layer is known: the rest must be read with that layer's schema. */
function peel(device: Device, body: Buffer, wrapping: Wrapping): Buffer {
  const bytes = inflated(body)
  const input = new ByteReader(bytes)
  switch (input.uint()) {
    case INVOKE_WITH_LAYER:
      device.layer = input.int()
      return peel(device, bytes.subarray(8), wrapping)
    case INVOKE_AFTER_MSG:
      wrapping.after.push(input.long())
      return peel(device, bytes.subarray(12), wrapping)
    case INVOKE_AFTER_MSGS: {
      if (input.uint() !== VECTOR) throw new RpcFault(400, 'INPUT_REQUEST_INVALID')
      const count = input.int()
      for (let i = 0; i < count; i++) wrapping.after.push(input.long())
      return peel(device, bytes.subarray(12 + count * 8), wrapping)
    }
    case INVOKE_WITHOUT_UPDATES:
      wrapping.wantsUpdates = false
      return peel(device, bytes.subarray(4), wrapping)
    default:
      return bytes
  }
}

function describe(device: Device, init: TlObject): void {
  const plain = Object.entries(init).filter(
    (entry): entry is [string, string | number] =>
      typeof entry[1] === 'string' || typeof entry[1] === 'number',
  )
  device.description = { ...Object.fromEntries(plain), api_id: intOf(init, 'api_id') }
}

/** Takes off the wrappers that are part of the layer's schema. */
function unwrap(device: Device, object: TlObject, wrapping: Wrapping): TlObject {
  if (!isObject(object['query'])) return object
  if (object._ === 'initConnection') describe(device, object)
  else if (object._ === 'invokeWithoutUpdates') wrapping.wantsUpdates = false
  else if (object._ === 'invokeAfterMsg') wrapping.after.push(longOf(object, 'msg_id'))
  else if (object._ === 'invokeAfterMsgs') wrapping.after.push(...longsOf(object, 'msg_ids'))
  else if (!object._.startsWith('invokeWith')) return object
  return unwrap(device, objectOf(object, 'query'), wrapping)
}

/** Reads a call in the layer of its device. Throws RpcFault 400 for what that layer doesn't have. */
export function readRequest(device: Device, body: Buffer): Request {
  const wrapping: Wrapping = { after: [], wantsUpdates: true }
  const bytes = peel(device, body, wrapping)
  const schema = schemaFor(device.layer)
  const id = bytes.readUInt32LE(0)
  if (schema.byId(id)?.method !== true) throw new RpcFault(400, `INPUT_METHOD_INVALID_${id}_0`)
  const query = upgraded(unwrap(device, decodeObject(schema, bytes), wrapping))
  return { query, ...wrapping }
}
