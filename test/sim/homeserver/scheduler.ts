import type { Accounts } from './accounts.ts'
import type { Appservice } from './appservice.ts'
import type { AppserviceApi } from './appservice-api.ts'
import type { Ephemeral } from './ephemeral.ts'
import type { EventLog } from './event-log.ts'
import type { Faults } from './faults.ts'
import { Interests } from './interests.ts'
import type { Retry } from './recoverer.ts'
import type { StoredEvent } from './stored-event.ts'
import { TransactionQueue } from './transaction-queue.ts'

type Parts = {
  log: EventLog
  accounts: Accounts
  ephemeral: Ephemeral
  api: AppserviceApi
  faults: Faults
  retry: Retry
  progress: () => void
}

/** Hands each event to the appservices that it interests, in order. */
export class Scheduler {
  readonly #parts: Parts
  readonly #interests: Interests
  readonly #queues = new Map<Appservice, TransactionQueue>()
  #transactionId = 0
  /** How many events were handed on. In Synapse this is in the database, so that a kill does not turn it back. */
  #cursor = 0
  #isPumping = false
  /** Synapse looks at an old backlog only when the first interesting event comes after its start. */
  #isStarted = false
  #life = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#interests = new Interests(parts.log)
    parts.log.onAppend(() => void this.#pump())
    parts.ephemeral.onChange((event) => {
      const interested = this.#interests.inRoom(parts.log.room(event.room_id))
      for (const appservice of interested) this.queue(appservice).enqueueEphemeral(event)
    })
  }

  appservices(): Appservice[] {
    return [...this.#queues.keys()]
  }

  add(appservice: Appservice): void {
    const { api, faults, retry, progress, log } = this.#parts
    const nextTransactionId = (): number => ++this.#transactionId
    const roomOf = (event: StoredEvent) => log.room(event.roomId)
    const parts = { api, faults, retry, progress, nextTransactionId, roomOf }
    this.#queues.set(appservice, new TransactionQueue(appservice, parts))
    this.#interests.add(appservice)
  }

  queue(appservice: Appservice): TransactionQueue {
    const queue = this.#queues.get(appservice)
    if (queue === undefined) throw new Error(`no appservice ${appservice.id}`)
    return queue
  }

  queues(): TransactionQueue[] {
    return [...this.#queues.values()]
  }

  /** True if every event was handed on to the queues. */
  get isCaughtUp(): boolean {
    return this.#cursor === this.#parts.log.events.length
  }

  resetTransactionIds(): void {
    this.#transactionId = 0
  }

  kill(losesMemory: boolean): void {
    this.#life++
    this.#isPumping = false
    this.#isStarted = false
    for (const queue of this.#queues.values()) queue.kill(losesMemory)
  }

  /** Handles events whose handling a kill interrupted. */
  restart(resumesBacklog: boolean): void {
    if (resumesBacklog) this.#start()
    void this.#pump()
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return
    const life = this.#life
    this.#isPumping = true
    const { log } = this.#parts
    for (let event = log.events[this.#cursor]; event !== undefined; event = log.events[this.#cursor]) {
      const interested = this.#interests.inEvent(event, log.room(event.roomId))
      if (interested.length > 0) {
        // Synapse asks about unknown invited users before it hands the event on.
        const unknown = this.#unknownUser(event)
        if (unknown !== undefined) await this.askForUser(unknown)
        if (life !== this.#life) return
        this.#start()
        for (const appservice of interested) this.queue(appservice).enqueue(event)
      }
      this.#cursor++
    }
    this.#isPumping = false
    this.#parts.progress()
  }

  #start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    for (const queue of this.#queues.values()) queue.resume()
  }

  #unknownUser({ type, stateKey }: StoredEvent): string | undefined {
    const { accounts } = this.#parts
    if (type !== 'm.room.member' || stateKey === undefined) return undefined
    if (!accounts.isLocal(stateKey) || accounts.has(stateKey)) return undefined
    return this.appservices().some(({ senderId }) => senderId === stateKey) ? undefined : stateKey
  }

  /** `GET /users/{userId}` at each appservice that owns the id, until one knows it. */
  async askForUser(userId: string): Promise<boolean> {
    for (const appservice of this.appservices()) {
      const isAsked = appservice.url !== null && appservice.ownsUser(userId)
      if (isAsked && (await this.#parts.api.userExists(appservice, userId))) return true
    }
    return false
  }

  /** `GET /rooms/{alias}`, likewise. */
  async askForAlias(alias: string): Promise<boolean> {
    for (const appservice of this.appservices()) {
      const isAsked = appservice.url !== null && appservice.ownsAlias(alias)
      if (isAsked && (await this.#parts.api.aliasExists(appservice, alias))) return true
    }
    return false
  }
}
