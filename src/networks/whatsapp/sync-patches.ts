import { createDecipheriv, hkdfSync } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { numberOf } from './numbers.ts'

/** One value of app state that was set, or taken away. */
export type Mutation = {
  /** What it is about, such as `['mute', '<chat>']`. */
  index: readonly string[]
  value: proto.ISyncActionValue
  removed: boolean
}

/** What one version of a collection changed. */
export type Patch = { collection: string; version: number; mutations: readonly Mutation[] }

/** The end of a sealed value is its HMAC. */
const MAC_BYTES = 32
const IV_BYTES = 16
const { REMOVE } = proto.SyncdMutation.SyncdOperation

/**
 * The patches in an answer of the server about app state. Baileys checks and applies them; it does not tell of what was
 * taken away, of chats that were cleared, nor of whose message was deleted. Without its key nothing is said of a patch:
 * Baileys asks for it again when it has the key. What does not fit into an answer (`externalMutations`) is not read.
 */
export function patchesIn(node: BinaryNode, keyOf: (id: string) => Uint8Array | undefined): Patch[] {
  if (node.tag !== 'iq' || node.attrs['type'] !== 'result') return []
  return children(node, 'sync').flatMap((sync) =>
    children(sync, 'collection').flatMap((collection) => {
      const { name, version } = collection.attrs
      if (name === undefined) return []
      return children(collection, 'patches')
        .flatMap((patches) => children(patches, 'patch'))
        .flatMap(({ content }) => {
          const bytes = content instanceof Uint8Array ? content : undefined
          return bytes === undefined ? [] : (patchOf(bytes, name, Number(version), keyOf) ?? [])
        })
    }),
  )
}

function patchOf(
  bytes: Uint8Array,
  collection: string,
  answered: number,
  keyOf: (id: string) => Uint8Array | undefined,
): Patch | undefined {
  const patch = proto.SyncdPatch.decode(bytes)
  const mutations: Mutation[] = []
  for (const { operation, record } of patch.mutations ?? []) {
    const key = keyOf(Buffer.from(record?.keyId?.id ?? []).toString('base64'))
    if (key === undefined) return undefined
    const mutation = opened(record?.value?.blob, key, operation === REMOVE)
    if (mutation !== undefined) mutations.push(mutation)
  }
  return { collection, version: numberOf(patch.version?.version) ?? answered + 1, mutations }
}

/** Undefined for what can't be opened; Baileys leaves it out too. */
function opened(
  blob: Uint8Array | null | undefined,
  key: Uint8Array,
  removed: boolean,
): Mutation | undefined {
  if (!blob || blob.length <= IV_BYTES + MAC_BYTES) return undefined
  // As `mutationKeys` of Baileys: the second of five keys opens values.
  const keys = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'WhatsApp Mutation Keys', 160))
  try {
    const decipher = createDecipheriv('aes-256-cbc', keys.subarray(32, 64), blob.subarray(0, IV_BYTES))
    const plain = [decipher.update(blob.subarray(IV_BYTES, -MAC_BYTES)), decipher.final()]
    const { index, value } = proto.SyncActionData.decode(Buffer.concat(plain))
    const parts: unknown = JSON.parse(Buffer.from(index ?? []).toString('utf8'))
    const isIndex = Array.isArray(parts) && parts.every((part) => typeof part === 'string')
    return isIndex ? { index: parts as string[], value: value ?? {}, removed } : undefined
  } catch {
    return undefined
  }
}

const children = ({ content }: BinaryNode, tag: string): BinaryNode[] =>
  Array.isArray(content) ? content.filter((each) => each.tag === tag) : []
