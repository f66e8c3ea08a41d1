import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import type { SimAccount } from './account.ts'
import type { AppState, CollectionName } from './app-state.ts'
import { COLLECTIONS } from './app-state.ts'
import { EMPTY_HASH, ltHash } from './lt-hash.ts'
import { SyncKey } from './sync-key.ts'

export type Action = proto.ISyncActionValue

type State = { version: number; hash: Buffer; readonly macs: Map<string, Uint8Array> }

const { SET, REMOVE } = proto.SyncdMutation.SyncdOperation

/** A phone's side of app state: makes patches as its owner taps, and reads those of its companions. */
export class PatchMaker {
  readonly key = new SyncKey()
  private readonly account: SimAccount
  private readonly log: AppState
  private readonly states = new Map<CollectionName, State>()

  constructor(account: SimAccount, log: AppState) {
    this.account = account
    this.log = log
  }

  /** Sets a value, or takes it away; all devices of the account hear of it. `version` is the action's own. */
  change(name: CollectionName, index: readonly string[], value: Action | undefined, version: number): void {
    const state = this.caughtUp(name)
    const operation = value === undefined ? REMOVE : SET
    const indexBytes = Buffer.from(JSON.stringify(index))
    const plain = proto.SyncActionData.encode({
      index: indexBytes,
      value: { timestamp: Date.now(), ...value },
      padding: Buffer.alloc(0),
      version,
    }).finish()
    const { blob, mac } = this.key.seal(value === undefined ? 2 : 1, plain)
    const indexMac = this.key.indexMac(indexBytes)
    const keyId = { id: this.key.id }
    const mutation = { operation, record: { index: { blob: indexMac }, value: { blob }, keyId } }
    apply(state, [mutation])
    const snapshotMac = this.key.snapshot(state.hash, state.version, name)
    const patchMac = this.key.patch(snapshotMac, [mac], state.version, name)
    const patch = proto.SyncdPatch.encode({ mutations: [mutation], snapshotMac, patchMac, keyId }).finish()
    this.log.append(this.account, name, patch)
  }

  /** What holds now, also as companions changed it: the index as JSON and the value, in the order of the first set. */
  values(): Map<string, Action> {
    const values = new Map<string, Action>()
    for (const name of COLLECTIONS)
      for (const patch of this.log.patches(this.account, name))
        for (const { operation, record } of proto.SyncdPatch.decode(patch).mutations ?? []) {
          const { index, value } = proto.SyncActionData.decode(
            this.key.open(record?.value?.blob ?? Buffer.alloc(0)),
          )
          const key = Buffer.from(index ?? []).toString()
          if (operation === REMOVE) values.delete(key)
          else values.set(key, value ?? {})
        }
    return values
  }

  /** All that holds in a collection: protobuf SyncdSnapshot. */
  snapshot(name: CollectionName): Uint8Array {
    const { version, hash } = this.caughtUp(name)
    const records = new Map<string, proto.ISyncdRecord>()
    for (const patch of this.log.patches(this.account, name))
      for (const { operation, record } of proto.SyncdPatch.decode(patch).mutations ?? []) {
        const index = Buffer.from(record?.index?.blob ?? []).toString('base64')
        if (operation === REMOVE) records.delete(index)
        else if (record) records.set(index, record)
      }
    const mac = this.key.snapshot(hash, version, name)
    const keyId = { id: this.key.id }
    return proto.SyncdSnapshot.encode({
      version: { version },
      records: [...records.values()],
      mac,
      keyId,
    }).finish()
  }

  /** The protobuf that gives a companion the key. */
  share(): proto.IMessage {
    const fingerprint = { rawId: 1, currentIndex: 0, deviceIndexes: [0] }
    const keyData = { keyData: this.key.data, fingerprint, timestamp: Date.now() }
    return {
      protocolMessage: {
        type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
        appStateSyncKeyShare: { keys: [{ keyId: { keyId: this.key.id }, keyData }] },
      },
    }
  }

  /** The state after all patches there are. */
  private caughtUp(name: CollectionName): State {
    const state = this.states.get(name) ?? {
      version: 0,
      hash: EMPTY_HASH,
      macs: new Map<string, Uint8Array>(),
    }
    this.states.set(name, state)
    for (const patch of this.log.patches(this.account, name).slice(state.version))
      apply(state, proto.SyncdPatch.decode(patch).mutations ?? [])
    return state
  }
}

function apply(state: State, mutations: readonly proto.ISyncdMutation[]): void {
  const gone: Uint8Array[] = []
  const added: Uint8Array[] = []
  for (const { operation, record } of mutations) {
    const index = Buffer.from(record?.index?.blob ?? []).toString('base64')
    const mac = Buffer.from(record?.value?.blob ?? []).subarray(-32)
    const before = state.macs.get(index)
    if (before !== undefined) gone.push(before)
    if (operation === REMOVE) state.macs.delete(index)
    else {
      added.push(mac)
      state.macs.set(index, mac)
    }
  }
  state.hash = ltHash(state.hash, gone, added)
  state.version++
}
