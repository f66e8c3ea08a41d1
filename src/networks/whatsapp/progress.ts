import { randomBytes } from 'node:crypto'

/** One stanza that a delivery becomes. */
export type ProgressPart = {
  /** The network's id: the receivers drop a repeat under the same one. */
  id: string
  state: 'waiting' | 'sending' | 'sent'
  /** What is sent, as a protobuf in base64: a repeat says the same, and who could not open it may ask for it again. */
  message?: string
}

/** What is kept of a delivery under way, so that another process repeats it under the same ids. */
export type Progress = {
  v: 1
  network: 'whatsapp'
  account: string
  /** base64 */
  secret: string
  parts: ProgressPart[]
}

export const newProgress = (account: string): Progress => ({
  v: 1,
  network: 'whatsapp',
  account,
  secret: randomBytes(32).toString('base64'),
  parts: [],
})

/** Reads what was kept; undefined when it is of another kind. */
export function readProgress(value: unknown): Progress | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { v, network, parts } = value as { v?: unknown; network?: unknown; parts?: unknown }
  return v === 1 && network === 'whatsapp' && Array.isArray(parts) ? (value as Progress) : undefined
}

/** Parts that may be there already. */
export const inDoubt = ({ parts }: Progress): ProgressPart[] =>
  parts.filter(({ state }) => state === 'sending')
