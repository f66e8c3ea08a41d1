import { createHash } from 'node:crypto'
import type { Node } from '../contract.ts'
import { bytesOf, child, childrenOf, errorOf, resultOf } from '../node.ts'
import type { SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { notification } from './core.ts'
import { SERVICE } from './jid.ts'
import type { KeyBundle, PreKey } from './key-bundle.ts'

const DJB_TYPE = 5

/** The namespace `encrypt`: devices leave their public keys here, and fetch those of others. */
export class KeyService {
  private readonly core: Core

  constructor(core: Core) {
    this.core = core
  }

  handle = (from: SimDevice, iq: Node): Node | undefined => {
    const [first] = childrenOf(iq)
    if (iq.attrs['type'] === 'get') {
      if (first?.tag === 'count') return resultOf(iq, [this.count(from)])
      if (first?.tag === 'digest') return this.digest(from, iq)
      if (first?.tag === 'key') return resultOf(iq, [this.bundles(first)])
      if (first?.tag === 'identity') return resultOf(iq, [this.identities(first)])
      return undefined
    }
    if (first?.tag === 'rotate') return this.rotate(from, iq, first)
    return child(iq, 'identity') === undefined ? undefined : this.upload(from, iq)
  }

  private count(from: SimDevice): Node {
    const left = from.keys?.oneTime.length ?? 0
    const value = String(Math.max(left, this.core.switches.leastPreKeyCount))
    return { tag: 'count', attrs: { value } }
  }

  private upload(from: SimDevice, iq: Node): Node {
    const identity = bytesOf(child(iq, 'identity'))
    const expected = from.companion?.identity ?? from.account.identity.public
    if (this.core.switches.checksIdentity && !identity.equals(expected))
      return errorOf(iq, 406, 'not-acceptable')
    const signed = preKey(child(iq, 'skey'))
    const list = child(iq, 'list')
    if (signed === undefined || list === undefined) return errorOf(iq, 400, 'bad-request')
    const fresh = childrenOf(list).flatMap((key) => preKey(key) ?? [])
    const old = from.keys !== undefined && identity.equals(from.keys.identity) ? from.keys.oneTime : []
    const kept = old.filter(({ id }) => fresh.every((key) => key.id !== id))
    from.keys = {
      registration: bytesOf(child(iq, 'registration')),
      identity,
      signed: { ...signed, signature: signatureOf(child(iq, 'skey')) },
      oneTime: [...kept, ...fresh],
    }
    return resultOf(iq)
  }

  private rotate(from: SimDevice, iq: Node, rotate: Node): Node {
    const signed = preKey(child(rotate, 'skey'))
    if (signed === undefined || from.keys === undefined) return errorOf(iq, 400, 'bad-request')
    from.keys.signed = { ...signed, signature: signatureOf(child(rotate, 'skey')) }
    return resultOf(iq)
  }

  private digest({ keys }: SimDevice, iq: Node): Node {
    if (keys === undefined) return errorOf(iq, 404, 'item-not-found')
    const hash = createHash('sha1').update(keys.identity).update(keys.signed.value)
    for (const { value } of keys.oneTime) hash.update(value)
    const ids = keys.oneTime.map(({ id }) => bytes('id', bigEndian(id, 3)))
    const content = [
      bytes('registration', keys.registration),
      bytes('type', Buffer.from([DJB_TYPE])),
      bytes('identity', keys.identity),
      signedNode(keys),
      { tag: 'list', attrs: {}, content: ids },
      bytes('hash', hash.digest()),
    ]
    return resultOf(iq, [{ tag: 'digest', attrs: {}, content }])
  }

  /** A user whose keys nobody left is missing in the answer. */
  private bundles(asked: Node): Node {
    const users = childrenOf(asked).flatMap(({ attrs }) => {
      const device = this.core.directory.device(attrs['jid'])
      if (device?.keys === undefined) return []
      const oneTime = device.keys.oneTime.shift()
      this.tellIfLow(device)
      const content = [
        bytes('registration', device.keys.registration),
        bytes('type', Buffer.from([DJB_TYPE])),
        bytes('identity', device.keys.identity),
        signedNode(device.keys),
        ...(oneTime === undefined ? [] : [keyNode('key', oneTime)]),
        ...(device.companion === undefined
          ? []
          : [bytes('device-identity', device.companion.signedIdentity)]),
      ]
      return [{ tag: 'user', attrs: { jid: attrs['jid'] ?? '' }, content }]
    })
    return { tag: 'list', attrs: {}, content: users }
  }

  private identities(asked: Node): Node {
    const users = childrenOf(asked).flatMap(({ attrs }) => {
      const keys = this.core.directory.device(attrs['jid'])?.keys
      if (keys === undefined) return []
      return [
        { tag: 'user', attrs: { jid: attrs['jid'] ?? '' }, content: [bytes('identity', keys.identity)] },
      ]
    })
    return { tag: 'list', attrs: {}, content: users }
  }

  private tellIfLow(device: SimDevice): void {
    const left = device.keys?.oneTime.length ?? 0
    if (left >= this.core.switches.preKeysLowBelow) return
    const known = device.mailbox.waiting.some((node) => child(node, 'count') !== undefined)
    if (known) return
    const count = { tag: 'count', attrs: { value: String(left) } }
    device.mailbox.deliver(notification(this.core, 'encrypt', SERVICE, [count]))
  }
}

/** The account's phone was set up anew: its contacts hear that its identity key is another one. */
export function identityNotice(core: Core, from: string): Node {
  return notification(core, 'encrypt', from, [{ tag: 'identity', attrs: {} }])
}

function preKey(node: Node | undefined): PreKey | undefined {
  if (node === undefined) return undefined
  const id = bytesOf(child(node, 'id'))
  const value = bytesOf(child(node, 'value'))
  return id.length === 3 && value.length === 32 ? { id: id.readUIntBE(0, 3), value } : undefined
}

const signatureOf = (node: Node | undefined): Buffer =>
  bytesOf(node === undefined ? undefined : child(node, 'signature'))

const bytes = (tag: string, content: Uint8Array): Node => ({ tag, attrs: {}, content })

function bigEndian(value: number, length: number): Buffer {
  const out = Buffer.alloc(length)
  out.writeUIntBE(value, 0, length)
  return out
}

function keyNode(tag: string, { id, value }: PreKey, more: Node[] = []): Node {
  return { tag, attrs: {}, content: [bytes('id', bigEndian(id, 3)), bytes('value', value), ...more] }
}

function signedNode({ signed }: KeyBundle): Node {
  return keyNode('skey', signed, [bytes('signature', signed.signature)])
}
