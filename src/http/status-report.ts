import type { Clock } from '../model/clock.ts'
import type { DeliveryKind, DeliveryState, Direction } from '../model/delivery.ts'
import { messageOf } from '../model/errors.ts'
import type { DeliveryId } from '../model/ids.ts'
import type { ConnectionStatus } from '../model/network.ts'
import type { Queryable } from '../store/db.ts'
import { recentLatency, waitingHeads } from '../store/ledger-status.ts'
import type { Latency, WaitingHead } from '../store/ledger-status.ts'
import { depth, listDeliveries } from '../store/ledger-view.ts'
import type { LedgerDepth, LedgerLine } from '../store/ledger-view.ts'
import { VERSION } from '../telemetry/version.ts'
import type { Check, Health } from './ops.ts'

export type ReportDeps = {
  db: Queryable
  clock: Clock
  health: () => Promise<Health>
  /** False while the program stops. */
  live: () => boolean
  /** What the last ping between us and the homeserver said; undefined: none yet. */
  homeserver: () => HomeserverPing | undefined
  connections: () => { network: string; status: ConnectionStatus[] }[]
  inbox: () => Promise<{ waiting: number; oldest: Date | undefined }>
}

export type HomeserverPing = { ok: boolean; checkedAt: Date; since?: Date; why?: string }

export type Connection = Omit<ConnectionStatus, 'login'> & { network: string; personal: boolean }

export type Queue = { network: string; direction: Direction; waiting: number; parked: number; oldest: Date }

export type FailedLine = {
  id: DeliveryId
  endedAt: Date | null
  network: string
  direction: Direction
  roomId: string | null
  chatId: string
  sender: string
  kind: DeliveryKind
  state: DeliveryState
  attempts: number
  code: string | null
  why: string | null
}

export type WaitingLine = Omit<WaitingHead, 'errorCode' | 'errorText'> & {
  code: string | null
  why: string | null
}

/** What only the database knows. Never a body: neither text nor names of files. */
export type LedgerReport = {
  inbox: { waiting: number; oldest: Date | undefined }
  queues: Queue[]
  latency: Latency[]
  waiting: WaitingLine[]
  failed: FailedLine[]
}

export type StatusReport = {
  at: Date
  version: string
  startedAt: Date
  ready: boolean
  reasons: string[]
  database: { ok: boolean; why?: string }
  homeserver: HomeserverPing | null
  connections: Connection[]
  /** Of users, by network: all are counted, those that are not connected are listed above. */
  logins: { network: string; connected: number; all: number }[]
  /** Null while the database does not answer. */
  ledger: LedgerReport | null
}

const PATIENCE_MS = 3000
const MOST_LINES = 50
const MOST_LOGINS = 100
const LONGEST_WHY = 500
const FAILED: DeliveryState[] = ['rejected', 'unknown', 'expired']

/** Gathers what the status page shows. Many who look cost no more than one: what is being asked is not asked again. */
export class StatusReporter {
  readonly #deps: ReportDeps
  readonly #startedAt: Date
  #asking: Promise<LedgerReport> | undefined

  constructor(deps: ReportDeps) {
    this.#deps = deps
    this.#startedAt = deps.clock.now()
  }

  /** Never throws: what does not answer in time is said to be so. */
  async read(): Promise<StatusReport> {
    const { clock, health, live, homeserver, connections } = this.#deps
    const [checks, ledger] = await Promise.all([
      inTime(health()).then(
        (answer) => answer.checks,
        (error: unknown): Check[] => [{ name: 'health', ok: false, text: messageOf(error) }],
      ),
      inTime(this.#ledger()).catch((error: unknown) => messageOf(error)),
    ])
    const failed = checks.filter((check) => !check.ok && check.required !== false)
    const reasons = failed.map(({ name, text }) => (text === undefined ? name : `${name}: ${text}`))
    if (!live()) reasons.unshift('stopping')
    const down = checks.find((check) => check.name === 'database' && !check.ok)
    const why = down?.text ?? (typeof ledger === 'string' ? ledger : undefined)
    const all = connections()
    return {
      at: clock.now(),
      version: VERSION,
      startedAt: this.#startedAt,
      ready: reasons.length === 0,
      reasons,
      database: { ok: down === undefined && typeof ledger !== 'string', ...(why !== undefined && { why }) },
      homeserver: homeserver() ?? null,
      connections: shownOf(all),
      logins: all.flatMap(({ network, status }) => {
        const own = status.filter(({ login }) => login !== undefined)
        const connected = own.filter(({ state }) => state === 'connected').length
        return own.length === 0 ? [] : [{ network, connected, all: own.length }]
      }),
      ledger: typeof ledger === 'string' ? null : ledger,
    }
  }

  #ledger(): Promise<LedgerReport> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** One statement after the other, so that a page takes one connection of the pool and not five. */
  async #ask(): Promise<LedgerReport> {
    const { db, inbox } = this.#deps
    const queues = queuesOf(await depth(db))
    const waiting = (await waitingHeads(db, MOST_LINES)).map(({ errorCode, errorText, ...head }) => ({
      ...head,
      code: errorCode,
      why: short(errorText),
    }))
    const failed = (await listDeliveries(db, { states: FAILED, limit: MOST_LINES })).map(failedLine)
    return { queues, waiting, failed, latency: await recentLatency(db), inbox: await inbox() }
  }
}

/** Every shared connection, and of users' own those that are not as they should be. */
function shownOf(all: { network: string; status: ConnectionStatus[] }[]): Connection[] {
  const lines = all.flatMap(({ network, status }) =>
    status.map(({ login, ...rest }) => ({ network, personal: login !== undefined, ...rest })),
  )
  const troubled = lines.filter(({ personal, state }) => personal && state !== 'connected')
  return [...lines.filter(({ personal }) => !personal), ...troubled.slice(0, MOST_LOGINS)]
}

function queuesOf(depths: LedgerDepth[]): Queue[] {
  const queues = new Map<string, Queue>()
  for (const { network, direction, state, count, oldest } of depths) {
    const key = `${network} ${direction}`
    const queue = queues.get(key) ?? { network, direction, waiting: 0, parked: 0, oldest }
    queue.waiting += count
    if (state === 'parked') queue.parked += count
    if (oldest < queue.oldest) queue.oldest = oldest
    queues.set(key, queue)
  }
  return [...queues.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, queue]) => queue)
}

/** Names what is told, so that a column that a row gets some day is not told by itself. */
const failedLine = (line: LedgerLine): FailedLine => ({
  id: line.id,
  endedAt: line.finishedAt,
  network: line.network,
  direction: line.direction,
  roomId: line.roomId,
  chatId: line.chatId,
  sender: line.sender,
  kind: line.kind,
  state: line.state,
  attempts: line.attempts,
  code: line.errorCode,
  why: short(line.errorText),
})

const short = (text: string | null) =>
  text !== null && text.length > LONGEST_WHY ? `${text.slice(0, LONGEST_WHY)}…` : text

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS)
    timer.unref()
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
