import type { TlObject, TlValue } from '../contract.ts'
import type { Device } from './device.ts'

/** One call of a client. */
export type JournalEntry = {
  readonly userId: bigint | undefined
  readonly keyId: string
  readonly method: string
  /** In the newest shape; bytes longer than a kibibyte are replaced by their first kibibyte. */
  readonly args: TlObject
  readonly layer: number
  /** How it ended: `ok`, `lost` (the answer was withheld), `killed`, or the error as `400 PEER_ID_INVALID`. */
  outcome: string | undefined
}

export type CallFilter = { readonly userId?: bigint; readonly method?: string | RegExp }

const KEPT = 50_000
const BYTES_KEPT = 1024

const short = (value: TlValue) =>
  value instanceof Uint8Array && value.length > BYTES_KEPT ? value.slice(0, BYTES_KEPT) : value

export const matchesMethod = (wanted: string | RegExp | undefined, method: string): boolean =>
  wanted === undefined || (typeof wanted === 'string' ? wanted === method : wanted.test(method))

/** What clients called, and what the server did that it shouldn't. */
export class Journal {
  readonly entries: JournalEntry[] = []
  /** Objects that couldn't be encoded or read, handlers that threw something else than RpcFault: empty in a good run. */
  readonly problems: string[] = []
  /** Why connections were ended: bytes that made no sense. */
  readonly refusals: string[] = []

  begin(device: Device, args: TlObject): JournalEntry {
    const kept = Object.entries(args).map(([name, value]) => [name, short(value)] as const)
    const entry: JournalEntry = {
      userId: device.userId,
      keyId: device.keyId,
      method: args._,
      args: { ...Object.fromEntries(kept), _: args._ },
      layer: device.layer,
      outcome: undefined,
    }
    this.entries.push(entry)
    if (this.entries.length > KEPT) this.entries.splice(0, KEPT / 10)
    return entry
  }

  problem(error: unknown): void {
    this.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }

  calls({ userId, method }: CallFilter = {}): JournalEntry[] {
    return this.entries.filter(
      (entry) => (userId === undefined || entry.userId === userId) && matchesMethod(method, entry.method),
    )
  }
}
