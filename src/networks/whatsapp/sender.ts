import type { SendRequest } from '../../model/network.ts'
import { rejected, retry } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { Accounts } from './accounts.ts'
import type { Connection } from './connection.ts'
import { inDoubt, readProgress } from './progress.ts'
import { RowSender } from './row-sender.ts'
import type { Session } from './session.ts'

/** Says and does on WhatsApp what Matrix users say and do. */
export class Sender {
  readonly #accounts: Accounts
  readonly #underWay = new Set<Promise<unknown>>()
  #isStopping = false

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  send(request: SendRequest): Promise<SendOutcome> {
    return this.#withConnection(request, async (session, connection) => {
      const begun = performance.now()
      const outcome = await new RowSender(session, connection, request).run()
      this.#accounts.observer.sent({ outcome: outcome.kind, ms: performance.now() - begun })
      return outcome
    })
  }

  /** What is in doubt is repeated by `send` under the same id; perhaps somebody has told already that they have it. */
  resolve(request: SendRequest): Promise<SendOutcome> {
    return this.#withConnection(request, async ({ sent }) => {
      const progress = readProgress(request.progress)
      const parts = progress === undefined ? [] : inDoubt(progress)
      const there = parts.filter(({ id }) => sent.hasArrived(id))
      for (const part of there) part.state = 'sent'
      if (there.length > 0) await request.save(progress)
      return retry('It is repeated under the same id, of which the receivers take one.')
    })
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)))
    await Promise.race([Promise.allSettled(this.#underWay), late])
    clearTimeout(timer)
  }

  async #withConnection(
    request: SendRequest,
    run: (session: Session, connection: Connection) => Promise<SendOutcome>,
  ): Promise<SendOutcome> {
    if (this.#isStopping) return retry('The bridge is stopping.', { waitsFor: 'login' })
    const session = this.#accounts.acting(request)
    if (session === undefined) return rejected('not_logged_in', 'There is no connection to WhatsApp for you.')
    const { live } = session
    if (live === undefined) {
      const { state, text } = session.status
      const why = `Not connected to WhatsApp (${state}${text === undefined ? '' : `: ${text}`}).`
      return retry(why, { waitsFor: 'login' })
    }
    const work = run(session, live)
    this.#underWay.add(work)
    try {
      return await work
    } finally {
      this.#underWay.delete(work)
    }
  }
}
