import { AsyncLocalStorage } from 'node:async_hooks'
import type { SignalDataSet, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys'

/** Sessions with one device, by their base keys, as libsignal keeps them. */
type SessionRecord = { _sessions: Readonly<Record<string, { indexInfo?: { used?: number } }>> }

/** One message, tried with the sessions of its sender one after the other. */
type Trial = { at: number; id?: string; record?: SessionRecord; order: readonly string[] }

/**
 * Two devices that write to each other first at the same time have two sessions. libsignal tries a message with one after the
 * other, and each that it tries in vain it leaves with a ratchet that has moved, and keeps: what is sealed by it from then on
 * nobody can open. So libsignal is shown one session at a time, and only the one that opened the message is kept.
 *
 * @returns what opens a message of one device with `open`, inside a transaction
 */
export function oneSessionAtATime(
  keys: SignalKeyStoreWithTransaction,
): <T>(open: () => Promise<T>) => Promise<T> {
  const trials = new AsyncLocalStorage<Trial>()
  const get = keys.get.bind(keys)
  const set = keys.set.bind(keys)
  keys.get = async (type, ids) => {
    const found = await get(type, ids)
    const trial = trials.getStore()
    const [id] = ids
    if (trial === undefined || type !== 'session' || id === undefined) return found
    const record: unknown = found[id]
    if (!isRecord(record)) return found
    trial.id = id
    trial.record = record
    trial.order = newestFirst(record)
    const key = trial.order[trial.at]
    const session = key === undefined ? undefined : record._sessions[key]
    if (trial.order.length < 2 || key === undefined || session === undefined) return found
    const shown: unknown = { ...record, _sessions: { [key]: session } }
    return { ...found, [id]: shown as never }
  }
  keys.set = async (data) => {
    const trial = trials.getStore()
    await set(trial === undefined ? data : whole(data, trial))
  }
  return async (open) => {
    const trial: Trial = { at: 0, order: [] }
    for (;;) {
      try {
        return await trials.run(trial, open)
      } catch (error) {
        trial.at++
        if (trial.at >= trial.order.length) throw error
      }
    }
  }
}

/** What is kept of the one session, together with all others as they were. */
function whole(data: SignalDataSet, { id, record }: Trial): SignalDataSet {
  const changed: unknown = id === undefined ? undefined : data.session?.[id]
  if (id === undefined || record === undefined || !isRecord(changed)) return data
  const _sessions = { ...record._sessions, ...changed._sessions }
  const merged = { ...changed, _sessions }
  return { ...data, session: { ...data.session, [id]: merged as never } }
}

/** As libsignal tries them. */
const newestFirst = ({ _sessions: sessions }: SessionRecord): string[] =>
  Object.keys(sessions).toSorted(
    (a, b) => (sessions[b]?.indexInfo?.used ?? 0) - (sessions[a]?.indexInfo?.used ?? 0),
  )

const isRecord = (value: unknown): value is SessionRecord =>
  typeof value === 'object' && value !== null && '_sessions' in value && typeof value._sessions === 'object'
