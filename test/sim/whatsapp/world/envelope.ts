import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import type { Node } from '../contract.ts'
import { childrenOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import type { Addressing } from './jid.ts'
import { other } from './jid.ts'

/** Where the receiver finds the message: from somebody, in a chat that it began itself elsewhere, or among many. */
export type Place =
  | { readonly kind: 'direct' | 'peer'; readonly form: Addressing }
  | { readonly kind: 'own'; readonly form: Addressing; readonly chat: string; readonly other: SimAccount }
  | { readonly kind: 'group'; readonly form: Addressing; readonly chat: string }

/** Parts of a sent message that are for the server alone. */
const FOR_THE_SERVER = new Set(['participants', 'enc', 'tctoken', 'reporting'])

/** The stanza that one device gets of a message: who, where and when around the parts encrypted for it. */
export function envelope(
  core: Core,
  from: SimDevice,
  sent: Node,
  place: Place,
  parts: readonly Node[],
): Node {
  const { account, number } = from
  const { form } = place
  const { id = '', type = 'text', edit, category } = sent.attrs
  const attrs: Record<string, string> = { id, type, t: String(core.now()), addressing_mode: form }
  const sender = account.jid(form, number)
  const alternate = core.switches.tellsOtherAddress ? other(form) : undefined
  if (place.kind === 'group') {
    attrs['from'] = place.chat
    attrs['participant'] = sender
    if (alternate !== undefined) attrs[`participant_${alternate}`] = account.jid(alternate)
  } else {
    attrs['from'] = sender
    if (place.kind === 'own') attrs['recipient'] = place.chat
    if (alternate !== undefined && place.kind === 'direct')
      attrs[`sender_${alternate}`] = account.jid(alternate)
    if (alternate !== undefined && place.kind === 'own')
      attrs[`peer_recipient_${alternate}`] = place.other.jid(alternate)
  }
  attrs['notify'] = account.name
  if (edit !== undefined) attrs['edit'] = edit
  if (category !== undefined) attrs['category'] = category
  const rest = childrenOf(sent).filter(({ tag }) => !FOR_THE_SERVER.has(tag))
  const verified = account.business === undefined ? [] : [verifiedName(account.business.name)]
  return { tag: 'message', attrs, content: [...verified, ...parts, ...rest] }
}

/** The name that the service vouches for. Nobody in this world checks its signature. */
function verifiedName(name: string): Node {
  const details = proto.VerifiedNameCertificate.Details.encode({ verifiedName: name }).finish()
  const content = proto.VerifiedNameCertificate.encode({ details }).finish()
  return { tag: 'verified_name', attrs: { v: '1' }, content }
}
