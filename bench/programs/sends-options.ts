import type { Run } from '../support/figures.ts'

/** How much the senders send, and where. */
export type SendsOptions = {
  homeserverUrl: string
  rooms: number
  warmUp: number
  count: number
  maxMs: number
  body: string
}

export type SendsResult = Run & { cpuUs: number; rssMb: number }
