import type { Clock } from '../../model/clock.ts'
import { ViaductError, messageOf } from '../../model/errors.ts'
import { matrixEventId, matrixUserId } from '../../model/ids.ts'
import type { Logger } from '../../model/logger.ts'
import { fromEvent } from '../../matrix/from-event.ts'
import type { MatrixSide } from '../../matrix/index.ts'
import type { Delivery } from '../../store/delivery.ts'
import type { Portal } from '../../store/portal.ts'
import type { Logins } from '../logins.ts'
import { noteDelivery } from '../notes.ts'
import { mayAtLeast, permissionOf } from '../permissions.ts'
import type { BridgeSettings } from '../settings.ts'
import type { Settlement } from '../settlement.ts'
import type { StoredMatrixEvent } from '../stored.ts'
import type { Command, CommandContext } from './command.ts'

export type CommandsDeps = {
  matrix: MatrixSide
  logins: Logins
  settings: BridgeSettings
  clock: Clock
  log: Logger
  commands: readonly Command[]
}

const INTERRUPTED = 'The bridge restarted while it worked on this; please say it again if it did not happen.'

const LOGIN_LOST = 'The bridge restarted in the middle of your login. Say "login" to begin it again.'

const wordsIn = (text: string): string[] => text.split(/\s+/).filter((part) => part !== '')
const nameOf = (word: string): string => word.toLowerCase().replace(/^!/, '')

/** Reads what people say to the bot, does it, and answers. The answer is a delivery like any other. */
export class Commands {
  readonly #deps: CommandsDeps
  readonly #byName: ReadonlyMap<string, Command>

  constructor(deps: CommandsDeps) {
    this.#deps = deps
    this.#byName = new Map(deps.commands.map((command) => [command.name, command]))
  }

  /** @returns what to write for the row: the answer, and for a secret also that its words are forgotten */
  async run(
    row: Delivery,
    portal: Portal,
    stored: StoredMatrixEvent,
    interrupted: boolean,
  ): Promise<Settlement> {
    const { logins, clock } = this.#deps
    const act = fromEvent(stored.event)
    const user = matrixUserId(row.sender)
    if (act.kind === 'encrypted') {
      return this.#answer(
        row,
        'I cannot read encrypted rooms. Please talk to me in a room without encryption.',
      )
    }
    if (act.kind !== 'message') return { change: { id: row.id, state: 'delivered' } }
    const text = (stored.command ?? act.text).trim()
    const expected =
      portal.network === 'viaduct' && stored.command === undefined ? await logins.expects(user) : 'nothing'
    if (expected === 'lost' && !this.#isCommand(text)) {
      await logins.cancel(user)
      return this.#secret(row, portal, stored, LOGIN_LOST)
    }
    if ((expected === 'answer' || expected === 'secret') && text.toLowerCase() !== 'cancel') {
      const answer = await this.#guarded(() => logins.answer(user, text))
      if (expected === 'answer') return this.#answer(row, answer)
      return this.#secret(row, portal, stored, answer)
    }
    if (interrupted) return this.#answer(row, INTERRUPTED)
    const context: CommandContext = {
      user,
      level: permissionOf(user, this.#deps.settings.permissions),
      portal,
      replyTo: act.replyTo,
      event: matrixEventId(row.sourceId),
    }
    const startedAt = clock.now()
    const answer = await this.#guarded(() => this.#dispatch(context, text))
    this.#deps.log.info(
      { delivery: row.id, user, ms: clock.now().getTime() - startedAt.getTime() },
      'command done',
    )
    return this.#answer(row, answer)
  }

  async #dispatch(context: CommandContext, text: string): Promise<string> {
    const [word = 'help', ...args] = wordsIn(text)
    const command = this.#byName.get(nameOf(word))
    if (!mayAtLeast(context.level, 'relay'))
      throw new ViaductError('not_permitted', 'You may not use this bridge.')
    // What was said is not repeated: it may be a secret in the wrong place.
    if (!command) return 'I do not know this command. Say "help" to see what I can do.'
    if (!mayAtLeast(context.level, command.needs)) throw new ViaductError('not_permitted')
    return command.run(context, args)
  }

  #isCommand(text: string): boolean {
    return this.#byName.has(nameOf(wordsIn(text)[0] ?? ''))
  }

  async #guarded(work: () => Promise<string>): Promise<string> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ViaductError) return `❌ ${error.message}`
      this.#deps.log.error({ error: messageOf(error) }, 'command failed')
      return `❌ That failed inside the bridge: ${messageOf(error)}`
    }
  }

  #answer(row: Delivery, text: string): Settlement {
    const where = { portal: row.portal, sourceId: `answer:${row.id}`, at: this.#deps.clock.now() }
    return {
      change: { id: row.id, state: 'delivered' },
      deliveries: [noteDelivery(where, { kind: 'info', text })],
    }
  }

  /** The secret leaves the room, the ledger and the inbox. */
  async #secret(
    row: Delivery,
    portal: Portal,
    stored: StoredMatrixEvent,
    answer: string,
  ): Promise<Settlement> {
    const { matrix, settings } = this.#deps
    let note = ''
    if (portal.roomId) {
      const outcome = await matrix.redact({
        delivery: row.id,
        room: portal.roomId,
        as: settings.bot,
        eventId: matrixEventId(row.sourceId),
        reason: 'a secret',
        attempts: row.attempts,
      })
      if (outcome.kind !== 'delivered')
        note = '\n⚠️ I could not remove your message from the room: please delete it yourself.'
    }
    const settlement = this.#answer(row, answer + note)
    return {
      ...settlement,
      change: { ...settlement.change, clearBody: true },
      apply: async (tx) => {
        await tx.query(`update inbox set raw = '' where id = $1 and routed_at is not null`, [stored.inbox])
      },
    }
  }
}
