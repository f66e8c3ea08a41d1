import type { tl } from '@mtcute/core'
import type { RemoteEvent, RemoteHint } from '../../model/remote-event.ts'
import type { Asker } from './asker.ts'
import { remoteChat } from './chats.ts'
import { dialogsOf } from './dialogs.ts'
import type { DialogInfo } from './dialogs.ts'
import { fromEdit } from './from-message.ts'
import { historyOf } from './history.ts'
import { messageIdIn, parseChatId, personId } from './ids.ts'
import type { MessageStates } from './message-states.ts'
import { chatOfMessage } from './place.ts'
import { pollChange } from './polls.ts'
import { NO_REACTIONS, reactionChange } from './reactions.ts'
import type { Receiver } from './receiver.ts'
import type { Session } from './session.ts'

/** Conversations that are looked at, the newest. */
const MOST_CHATS = 20
/** A change in one that was silent for longer is seen when somebody speaks there. */
const RECENT_MS = 14 * 86_400_000

export type RecheckDeps = { session: Session; states: MessageStates; take: Receiver['take']; asker: Asker }

/**
 * Looks again at what Telegram tells only to who is there at that moment: reactions, votes, read marks. They are in no
 * difference (https://core.telegram.org/api/updates).
 */
export class Recheck {
  readonly #deps: RecheckDeps
  #running: Promise<void> | undefined

  constructor(deps: RecheckDeps) {
    this.#deps = deps
  }

  /** @throws tl.RpcError */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
    return this.#running
  }

  async #run(): Promise<void> {
    const { session, take } = this.#deps
    const { recheckMessages } = session.config
    if (recheckMessages === 0 || session.isBot) return
    const bridged = new Set<string>()
    for (const { chat } of await session.host.chats('telegram')) {
      const parsed = parseChatId(chat.id)
      if (parsed !== undefined) bridged.add(`${parsed.kind}:${parsed.id}`)
    }
    const from = session.host.clock.now().getTime() - RECENT_MS
    const dialogs = (await dialogsOf(session, MOST_CHATS)).filter(
      ({ chat, at }) => bridged.has(`${chat.kind}:${chat.id}`) && at !== undefined && at.getTime() > from,
    )
    for (const dialog of dialogs) {
      const { messages } = await historyOf(session, dialog.chat, { most: recheckMessages })
      await take(async () => {
        const events: RemoteEvent[] = []
        for (const message of messages) {
          if (message._ === 'message') events.push(...(await this.#changesOf(message)))
        }
        return { events, hints: this.#readBy(dialog) }
      })
    }
  }

  async #changesOf(message: tl.RawMessage): Promise<RemoteEvent[]> {
    const { session, states, asker } = this.#deps
    const { view, host } = session
    await view.prepare(message)
    const chat = chatOfMessage(view, message)
    await view.prepareTopic(chat)
    const shown = remoteChat(view, chat)
    const target = messageIdIn(chat, view.account, message.id)
    if ((await host.known(shown, [target])).size === 0) return []
    const now = host.clock.now()
    const events: RemoteEvent[] = []
    const before = await states.reactions(chat, message.id)
    if (before !== undefined || message.reactions !== undefined) {
      const change = reactionChange(
        before ?? NO_REACTIONS,
        message.reactions,
        { chat: shown, target, now },
        view,
      )
      await states.setReactions(chat, message.id, change.state, now)
      events.push(...change.events)
      if (change.wantsList) asker.ask([{ kind: 'reactions', chat, n: message.id }], message)
    }
    if (message.media?._ === 'messageMediaPoll') {
      const { poll, results } = message.media
      const id = poll.id.toString()
      const known = await states.poll(id)
      if (known !== undefined) {
        const change = pollChange(
          known.state,
          { poll, results },
          { chat: shown, target: known.target, now },
          view,
        )
        states.setPoll(id, { ...known, state: change.state }, now)
        events.push(...change.events)
        if (change.wantsVotes)
          asker.ask([{ kind: 'votes', poll: { ...known, state: change.state } }], message)
      }
      return events
    }
    // Edits are in differences; only one in a channel whose box was begun anew is found here.
    const stored = await states.stored({ message: { chat, n: message.id } })
    if (stored.hash !== undefined) {
      const { events: edits, hash } = fromEdit(message, view, stored.hash)
      events.push(...edits)
      await states.keep({ message: { chat, n: message.id } }, hash === undefined ? {} : { hash }, now)
    }
    return events
  }

  /** How far the other has read. */
  #readBy({ chat, readByOthers }: DialogInfo): RemoteHint[] {
    const { view } = this.#deps.session
    if (chat.kind !== 'user' || readByOthers <= 0 || chat.id === view.account) return []
    const upTo = messageIdIn(chat, view.account, readByOthers)
    return [{ kind: 'read', chat: remoteChat(view, chat), user: { id: personId(chat.id) }, upTo }]
  }
}
