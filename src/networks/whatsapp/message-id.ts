import { createHash } from 'node:crypto'
import type { DeliveryId, RemoteChatId, RemoteUserId } from '../../model/ids.ts'

/** What one part of a delivery is known by. */
export type Part = {
  /** The account that sends it. */
  account: RemoteUserId
  chat: RemoteChatId
  delivery: DeliveryId
  /** When it was written on Matrix: numbers of deliveries begin again with a new database. */
  at: Date
  /** Counts the messages that the delivery becomes, from 0. */
  part: number
}

/**
 * The network's id of a part: the same on every attempt, so that the receivers drop a repeat. It looks like one of
 * WhatsApp Web, `3EB0` and 18 hexadecimal digits (as `generateMessageIDV2` of Baileys).
 */
export function messageIdFor({ account, chat, delivery, at, part }: Part): string {
  const text = JSON.stringify([account, chat, delivery, at.getTime(), part])
  return `3EB0${createHash('sha256').update(text).digest('hex').slice(0, 18).toUpperCase()}`
}
