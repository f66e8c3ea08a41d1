import { createHash } from 'node:crypto'
import type { DeliveryId } from '../../model/ids.ts'

/** One message that a delivery becomes. */
export type ProgressPart = {
  /** 64 bits in decimal, not 0: the server drops a repeat under the same one, in the same conversation, for ever. */
  randomId: string
  state: 'waiting' | 'sending' | 'sent'
  /** When it was first tried, ISO 8601. */
  at?: string
  /** The number that it got. */
  n?: number
}

/** What is kept of a delivery under way, so that another process repeats it under the same numbers. */
export type Progress = {
  v: 1
  network: 'telegram'
  account: number
  parts: ProgressPart[]
}

export function newProgress(account: number, epoch: string, delivery: DeliveryId, count: number): Progress {
  const parts = Array.from({ length: count }, (_, part) => newPart(epoch, delivery, part))
  return { v: 1, network: 'telegram', account, parts }
}

export const newPart = (epoch: string, delivery: DeliveryId, part: number): ProgressPart => ({
  randomId: randomIdOf(epoch, delivery, part),
  state: 'waiting',
})

/** Reads what was kept; undefined when it is of another kind. */
export function readProgress(value: unknown): Progress | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { v, network, parts } = value as { v?: unknown; network?: unknown; parts?: unknown }
  return v === 1 && network === 'telegram' && Array.isArray(parts) ? (value as Progress) : undefined
}

/** Parts that may be there already. */
export const inDoubt = ({ parts }: Progress): ProgressPart[] =>
  parts.filter(({ state }) => state === 'sending')

/** The same for the same row and login. The epoch is random, so that rows of another database do not meet it. */
function randomIdOf(epoch: string, delivery: DeliveryId, part: number): string {
  const hash = createHash('sha256').update(`${epoch}/${delivery}/${part}`).digest()
  const id = hash.readBigInt64LE(0)
  return String(id === 0n ? 1n : id)
}
