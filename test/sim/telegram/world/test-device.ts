import type { Authorization, TlObject, TlValue, Wire } from '../contract.ts'
import { downgraded } from '../wire/downgrade.ts'
import { NEWEST, olderLayer } from '../wire/layers.ts'
import { shapeOf } from '../wire/schema.ts'
import type { Shape } from '../wire/schema.ts'
import { decodeObject, decodeValue } from '../wire/tl-decode.ts'
import { encodeObject, encodeValue } from '../wire/tl-encode.ts'
import { isList, isObject } from './args.ts'
import type { Account } from './account.ts'
import { SimWorld } from './index.ts'
import type { Switches } from './switches.ts'

const UPDATES = shapeOf('Updates', 'no')

/** As a client of the newest layer reads it. Fails where the schema is not kept, also the older one's. */
function onTheWire(shape: Shape, value: TlValue, olderShape: Shape | undefined): TlValue {
  const older = olderLayer()
  if (olderShape !== undefined) encodeValue(older, olderShape, downgraded(older, olderShape, value))
  return decodeValue(NEWEST, shape, encodeValue(NEWEST, shape, value))
}

/** A device that calls the world directly; every request and answer is checked against the schema. */
export class TestDevice implements Authorization {
  readonly keyId: string
  readonly userId: bigint
  readonly layer = NEWEST.layer
  readonly account: Account
  readonly pushes: TlObject[] = []
  online = true
  private readonly world: SimWorld

  constructor(world: SimWorld, account: Account, keyId: string) {
    this.world = world
    this.account = account
    this.userId = account.id
    this.keyId = keyId
  }

  /** @throws RpcFault */
  call(method: string, args: Record<string, TlValue> = {}): TlValue {
    const request = decodeObject(NEWEST, encodeObject(NEWEST, { ...args, _: method }))
    const answer = this.world.call(this, method, request)
    const shape = NEWEST.methods.get(method)?.result
    if (shape === undefined) throw new Error(`no method ${method}`)
    return onTheWire(shape, answer, olderLayer().methods.get(method)?.result)
  }

  /** The answer to a method that returns an object. */
  ask(method: string, args: Record<string, TlValue> = {}): TlObject {
    const answer = this.call(method, args)
    if (!isObject(answer)) throw new Error(`${method} returned no object`)
    return answer
  }

  /** The answer to a method that returns a vector of objects. */
  askAll(method: string, args: Record<string, TlValue> = {}): TlObject[] {
    return listOf(this.call(method, args))
  }

  /** All updates that were pushed, one by one. */
  get updates(): TlObject[] {
    return this.pushes.flatMap(updatesIn)
  }

  /** How to address somebody, with the hash of this device. */
  peer(to: Account | { kind: 'group' | 'channel'; id: bigint }): TlObject {
    if (to.kind === 'group') return { _: 'inputPeerChat', chat_id: to.id }
    const found = this.hashOf(to.kind, to.id)
    return to.kind === 'user'
      ? { _: 'inputPeerUser', user_id: to.id, access_hash: found }
      : { _: 'inputPeerChannel', channel_id: to.id, access_hash: found }
  }

  user(to: Account): TlObject {
    return { _: 'inputUser', user_id: to.id, access_hash: this.hashOf('user', to.id) }
  }

  channel(to: { id: bigint }): TlObject {
    return { _: 'inputChannel', channel_id: to.id, access_hash: this.hashOf('channel', to.id) }
  }

  private hashOf(kind: string, id: bigint): bigint {
    return this.world.hashFor(this, kind, id)
  }
}

export const listOf = (value: TlValue): TlObject[] =>
  value !== undefined && isList(value) ? value.filter((item) => item !== undefined).filter(isObject) : []

export function objectOf(value: TlValue): TlObject {
  if (value === undefined || !isObject(value)) throw new Error('no object')
  return value
}

/** The single updates of an `Updates`. */
export function updatesIn(pushed: TlObject): TlObject[] {
  if (pushed._ === 'updates') return listOf(pushed['updates'])
  return pushed._ === 'updateShort' ? [objectOf(pushed['update'])] : [pushed]
}

/** A wire without sockets. */
export class TestWire implements Wire {
  readonly devices: TestDevice[] = []
  /** Unix seconds; moved by the test. */
  time = 1_700_000_000

  now(): number {
    return this.time
  }

  push(who: Authorization, updates: TlObject): void {
    const seen = onTheWire(UPDATES, updates, UPDATES)
    for (const device of this.devices) if (device === who && device.online) device.pushes.push(objectOf(seen))
  }

  authorizations(userId: bigint): readonly Authorization[] {
    return this.devices.filter((device) => device.userId === userId)
  }

  online(who: Authorization): boolean {
    return this.devices.some((device) => device === who && device.online)
  }
}

/** A world without sockets, and devices in it. */
export class TestWorld {
  readonly wire = new TestWire()
  readonly tg: SimWorld

  constructor(switches: Partial<Switches> = {}) {
    this.tg = new SimWorld(this.wire, switches)
  }

  device(account: Account, keyId = `key ${this.wire.devices.length + 1}`): TestDevice {
    const device = new TestDevice(this.tg, account, keyId)
    this.wire.devices.push(device)
    this.tg.loginChanged(device, account.id, true)
    return device
  }
}

/** A world with two accounts, each on one device. */
export function pair(switches: Partial<Switches> = {}) {
  const world = new TestWorld(switches)
  const { tg, wire } = world
  const alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  const bob = tg.user({ firstName: 'Bob', lastName: 'Builder', phone: '200', username: 'bobby' })
  return { world, wire, tg, alice, bob, a: world.device(alice), b: world.device(bob) }
}
