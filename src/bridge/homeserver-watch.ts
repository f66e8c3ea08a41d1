import type { Clock } from '../model/clock.ts'
import { sleep } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import type { MatrixRoomId } from '../model/ids.ts'
import { matrixRoomId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import { portalAlias } from '../matrix/localpart.ts'
import type { MatrixSide, PingResult } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { readSetting, writeSetting } from '../store/setting.ts'
import { SUSPECT_MS } from './continuity.ts'
import type { Continuity } from './continuity.ts'
import type { BridgeSettings } from './settings.ts'

export type HomeserverHealth = { ok: boolean; checkedAt: Date; why?: string }

const CONTROL_ROOM = 'control_room'
const PING_AFTER_MS = 300
const PING_PAUSE_MS = 1_000
const PINGS = 5
const WATCH_MS = 30_000
const DATABASE_MS = 1_000
const AGAIN_MS = SUSPECT_MS / 4

/**
 * Keeps the homeserver talking to us. After a homeserver crash nothing is retried until the first event that concerns
 * an appservice, so on suspicion the bot makes one, asks for a ping, and looks for what was never handed over.
 */
export class HomeserverWatch {
  readonly #deps: HomeserverWatchDeps
  readonly #stop = new AbortController()
  #health: HomeserverHealth
  /** What the last of the regular pings said. */
  #answered = false
  #cancel: (() => void) | undefined
  #cancelAgain: (() => void) | undefined
  #cancelRefused: (() => void) | undefined
  #pinging: Promise<boolean> | undefined
  /** Reasons to think that something was lost, and up to which of them it has been looked for. */
  #suspicions = 0
  #cleared = 0

  constructor(deps: HomeserverWatchDeps) {
    this.#deps = deps
    this.#health = { ok: false, checkedAt: new Date(0), why: 'not asked yet' }
  }

  get health(): HomeserverHealth {
    return this.#health
  }

  /** Asks now and from now on; does not wait for a homeserver that is down. */
  start(): void {
    void this.#round(true)
  }

  stop(): void {
    this.#stop.abort()
    this.#cancel?.()
    this.#cancelAgain?.()
    this.#cancelRefused?.()
  }

  /** The homeserver gave up on a request or went away: it may have lost what it held in memory. */
  suspect(): void {
    this.#deps.continuity.suspect()
    this.#suspicions += 1
    this.#look()
    this.#lookAgain()
  }

  /** A transaction could not be stored and was refused: asks for it as soon as the database is back. */
  refused(): void {
    this.#deps.continuity.suspect()
    this.#cancelRefused ??= this.#deps.clock.after(DATABASE_MS, () => {
      this.#cancelRefused = undefined
      void this.#deps.db.query('select 1').then(
        () => {
          this.#deps.databaseBack()
          this.suspect()
        },
        () => this.refused(),
      )
    })
  }

  /** Once more when the homeserver's queue has settled: what was left behind has nothing after it that would show it. */
  #lookAgain(): void {
    const { clock, continuity } = this.#deps
    this.#cancelAgain?.()
    this.#cancelAgain = clock.after(AGAIN_MS, () => {
      if (continuity.suspicious) return this.#lookAgain()
      this.#suspicions += 1
      this.#look()
    })
  }

  #look(): void {
    void this.#revive().catch((error: unknown) =>
      this.#deps.log.warn({ error: messageOf(error) }, 'revival failed'),
    )
  }

  /** Asks for a ping soon, so that the homeserver repeats what it holds back. */
  pingSoon(): void {
    this.#pinging ??= this.#ping().finally(() => {
      this.#pinging = undefined
    })
  }

  async #round(first: boolean): Promise<void> {
    const before = this.#answered
    const result = await this.#pingOnce()
    this.#answered = result.ok
    if (first || (result.ok && !before)) this.suspect()
    else if (result.ok && this.#cleared < this.#suspicions) this.#look()
    if (!result.ok && (before || first)) {
      this.#deps.log.warn({ why: result.why }, 'the homeserver cannot be reached, or cannot reach the bridge')
    }
    if (!this.#stop.signal.aborted) {
      this.#cancel = this.#deps.clock.after(WATCH_MS, () => void this.#round(false))
    }
  }

  async #pingOnce(): Promise<PingResult> {
    const result = await this.#deps.matrix
      .ping()
      .catch((error: unknown): PingResult => ({ ok: false, why: messageOf(error), ms: 0 }))
    this.#health = {
      ok: result.ok,
      checkedAt: this.#deps.clock.now(),
      ...(result.why !== undefined && { why: result.why }),
    }
    this.#deps.pinged(result)
    return result
  }

  async #revive(): Promise<void> {
    const upTo = this.#suspicions
    await this.#controlEvent()
    const up = await (this.#pinging ?? this.#ping())
    // What cannot be looked at now is looked at again with one of the next pings.
    if (up && (await this.#deps.scanGaps(this.#stop.signal))) this.#cleared = Math.max(this.#cleared, upTo)
  }

  async #ping(): Promise<boolean> {
    await sleep(this.#deps.clock, PING_AFTER_MS, this.#stop.signal)
    for (let i = 0; i < PINGS && !this.#stop.signal.aborted; i += 1) {
      const result = await this.#pingOnce()
      if (result.ok) return true
      await sleep(this.#deps.clock, PING_PAUSE_MS, this.#stop.signal)
    }
    return false
  }

  /** A state event that always differs from the last one, in a room that only the bot is in. */
  async #controlEvent(): Promise<void> {
    const { matrix, settings, clock } = this.#deps
    const room = await this.#controlRoom()
    if (!room) return
    const made = await matrix.state({
      room,
      as: settings.bot,
      type: 'app.viaduct.start',
      key: '',
      content: { at: clock.now().getTime() },
    })
    if (made.kind === 'delivered') this.#deps.nudged('by an event in the control room')
  }

  async #controlRoom(): Promise<MatrixRoomId | undefined> {
    const { db, matrix, settings } = this.#deps
    const kept = await readSetting(db, CONTROL_ROOM)
    if (kept) return matrixRoomId(kept.toString('utf8'))
    await matrix.ensureGhost(settings.bot, { name: 'Viaduct' })
    const made = await matrix.createRoom({
      alias: portalAlias(settings.userPrefix, 'viaduct', 'control'),
      name: 'Viaduct control',
      invite: [],
      direct: false,
      powerUsers: {},
    })
    if (made.kind !== 'delivered') return undefined
    await writeSetting(db, CONTROL_ROOM, Buffer.from(made.room))
    return made.room
  }
}

export type HomeserverWatchDeps = {
  db: Database
  matrix: MatrixSide
  settings: BridgeSettings
  continuity: Continuity
  clock: Clock
  log: Logger
  /** Resolves with whether everything could be looked at. */
  scanGaps(signal: AbortSignal): Promise<boolean>
  databaseBack(): void
  pinged(result: PingResult): void
  nudged(why: string): void
}
