import type { Requester } from './types.ts'

/**
 * Answers to requests that carry a transaction id, in memory only. For an appservice the key has no user and no
 * device, exactly as in Synapse: two ghosts that use one id on one path get one event.
 */
export class HttpTransactionCache {
  readonly #answers = new Map<string, unknown>()

  /** Runs `execute` unless the same request was answered before. Failures are not kept. */
  answer(path: string, requester: Requester, execute: () => unknown): unknown {
    const { appservice, userId, deviceId } = requester
    const owner = appservice === null ? `user ${userId} ${deviceId ?? ''}` : `appservice ${appservice.id}`
    const key = `${path} ${owner}`
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    const answer = execute()
    this.#answers.set(key, answer)
    return answer
  }

  clear(): void {
    this.#answers.clear()
  }
}

/** The table (room, user, device, transaction id): survives a kill, is written only for requests with a device. */
export class TransactionRows {
  readonly #byDevice = new Map<string, Map<string, string>>()

  find(requester: Requester, roomId: string, txnId: string): string | undefined {
    if (requester.deviceId === null) return undefined
    return this.#byDevice.get(deviceKey(requester.userId, requester.deviceId))?.get(`${roomId} ${txnId}`)
  }

  record(requester: Requester, roomId: string, txnId: string, eventId: string): void {
    if (requester.deviceId === null) return
    const key = deviceKey(requester.userId, requester.deviceId)
    let rows = this.#byDevice.get(key)
    if (rows === undefined) this.#byDevice.set(key, (rows = new Map<string, string>()))
    rows.set(`${roomId} ${txnId}`, eventId)
  }

  /** The rows of a deleted device go with it. */
  forgetDevice(userId: string, deviceId: string): void {
    this.#byDevice.delete(deviceKey(userId, deviceId))
  }

  clear(): void {
    this.#byDevice.clear()
  }
}

function deviceKey(userId: string, deviceId: string): string {
  return `${userId} ${deviceId}`
}
