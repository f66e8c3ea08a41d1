import type { Node } from '../contract.ts'
import { bytesOf, child, childrenOf, errorOf, resultOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { deliverTo, notification } from './core.ts'
import { SERVICE } from './jid.ts'

export const COLLECTIONS = [
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
] as const
export type CollectionName = (typeof COLLECTIONS)[number]

/** Protobuf SyncdPatch, one a version, beginning with version 1. */
type Collections = Map<CollectionName, Uint8Array[]>

/** Where a collection is as a whole (protobuf ExternalBlobReference), as the account's phone has put it there. */
type MakeSnapshot = (account: SimAccount, name: CollectionName) => Uint8Array

/**
 * The namespace `w:sync:app:state`: for each account five logs of encrypted patches, through which its devices agree
 * on names of contacts, on what is muted, pinned, archived or unread.
 */
export class AppState {
  private readonly core: Core
  private readonly snapshot: MakeSnapshot
  private readonly accounts = new Map<SimAccount, Collections>()

  constructor(core: Core, snapshot: MakeSnapshot) {
    this.core = core
    this.snapshot = snapshot
  }

  handle = (from: SimDevice, iq: Node): Node | undefined => {
    const sync = child(iq, 'sync')
    if (sync === undefined) return errorOf(iq, 400, 'bad-request')
    const content = childrenOf(sync).map((asked) => this.collection(from, asked))
    return resultOf(iq, [{ tag: 'sync', attrs: {}, content }])
  }

  patches(account: SimAccount, name: CollectionName): Uint8Array[] {
    const collections = this.accounts.get(account) ?? new Map<CollectionName, Uint8Array[]>()
    this.accounts.set(account, collections)
    const patches = collections.get(name) ?? []
    collections.set(name, patches)
    return patches
  }

  /** Adds a patch and tells the account's other devices to fetch it. Returns its version. */
  append(account: SimAccount, name: CollectionName, patch: Uint8Array, from?: SimDevice): number {
    const version = this.patches(account, name).push(patch)
    this.announce(account, name, from)
    return version
  }

  /** Tells the devices of an account that there is something to fetch. */
  announce(account: SimAccount, name: CollectionName, except?: SimDevice): void {
    const version = String(this.patches(account, name).length)
    const content = [{ tag: 'collection', attrs: { name, version } }]
    deliverTo(account, notification(this.core, 'server_sync', SERVICE, content), except)
  }

  private collection(from: SimDevice, asked: Node): Node {
    const name = COLLECTIONS.find((known) => known === asked.attrs['name'])
    if (name === undefined) return refused(asked, 400, 'bad-request')
    const patches = this.patches(from.account, name)
    const version = Number(asked.attrs['version'] ?? 0)
    const patch = child(asked, 'patch')
    if (patch !== undefined && version !== patches.length) {
      // It has to fetch what it missed, and try again.
      return { ...refused(asked, 409, 'conflict'), attrs: { name, type: 'error', version: String(version) } }
    }
    if (patch !== undefined) {
      const made = this.append(from.account, name, bytesOf(patch), from)
      return { tag: 'collection', attrs: { name, version: String(made) } }
    }
    const isNew = version === 0 && asked.attrs['return_snapshot'] === 'true' && patches.length > 0
    if (isNew && this.core.switches.givesSnapshots) {
      const content = this.snapshot(from.account, name)
      const attrs = { name, version: String(patches.length) }
      return { tag: 'collection', attrs, content: [{ tag: 'snapshot', attrs: {}, content }] }
    }
    const missed = patches.slice(version, version + this.core.switches.patchesPerAnswer)
    const content = missed.map((bytes, i) => ({
      tag: 'patch',
      attrs: {},
      content: withVersion(bytes, version + i + 1),
    }))
    const more: Record<string, string> =
      version + missed.length < patches.length ? { has_more_patches: 'true' } : {}
    return {
      tag: 'collection',
      attrs: { name, version: String(version + missed.length), ...more },
      content: [{ tag: 'patches', attrs: {}, content }],
    }
  }
}

/** A device uploads its patch without a version, and fetches it with one: protobuf field 1, in front. */
export function withVersion(patch: Uint8Array, version: number): Buffer {
  const digits: number[] = []
  let rest = version
  while (rest > 0x7f) {
    digits.push((rest & 0x7f) | 0x80)
    rest >>= 7
  }
  digits.push(rest)
  return Buffer.concat([Buffer.from([0x0a, digits.length + 1, 0x08, ...digits]), patch])
}

function refused(asked: Node, code: number, text: string): Node {
  const error = { tag: 'error', attrs: { code: String(code), text } }
  return { tag: 'collection', attrs: { ...asked.attrs, type: 'error' }, content: [error] }
}
