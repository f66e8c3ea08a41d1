import type { Clock } from '../model/clock.ts'

/** The promise's value; @throws when it is not there in `ms` milliseconds. The work itself goes on. */
export function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Error(`no answer within ${ms} ms`)))
    work.then(resolve, reject).finally(cancel)
  })
}
