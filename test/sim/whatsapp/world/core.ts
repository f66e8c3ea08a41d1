import type { Node } from '../contract.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Directory } from './directory.ts'
import type { Faults } from './faults.ts'
import { SERVICE } from './jid.ts'
import type { Switches } from './switches.ts'

/** What every part of the world needs. */
export type Core = {
  readonly directory: Directory
  readonly switches: Switches
  readonly faults: Faults
  /** Unix seconds. */
  readonly now: () => number
  /** For stanzas that the server makes up. */
  readonly newId: () => string
}

/** Answers an `iq`; undefined when it is not known. */
export type IqHandler = (from: SimDevice, iq: Node) => Node | undefined

/** Delivers a stanza to all devices of an account but one. */
export function deliverTo(account: SimAccount, node: Node, except?: SimDevice): void {
  for (const device of account.devices.values()) if (device !== except) device.mailbox.deliver(node)
}

/** A notification, lasting until it is acknowledged. */
export function notification(
  core: Core,
  type: string,
  from: string,
  content: Node[],
  extra: Record<string, string> = {},
): Node {
  return {
    tag: 'notification',
    attrs: { from, type, id: core.newId(), t: String(core.now()), ...extra },
    content,
  }
}

/** The server's acknowledgement of a stanza that a device sent. */
export function ackOf(node: Node, extra: Record<string, string> = {}): Node {
  const { id = '', to = SERVICE, type, participant } = node.attrs
  const attrs: Record<string, string> = { class: node.tag, id, from: to }
  if (type !== undefined && node.tag !== 'message') attrs['type'] = type
  if (participant !== undefined) attrs['participant'] = participant
  return { tag: 'ack', attrs: { ...attrs, ...extra } }
}
