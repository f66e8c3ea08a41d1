import { Long } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import { messageOf } from '../../model/errors.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import type { Ask, StoredPoll } from './from-update.ts'
import { messageIdIn, numberFor } from './ids.ts'
import type { TgChat } from './ids.ts'
import type { MessageStates } from './message-states.ts'
import { pollChange } from './polls.ts'
import { NO_REACTIONS, reactionChange } from './reactions.ts'
import type { AnyMessage } from './place.ts'
import type { Receiver } from './receiver.ts'
import type { Session } from './session.ts'
import type { GroupWatch } from './group-watch.ts'

const CALL = { timeout: 20_000, floodSleepThreshold: 20_000 }
const PAGE = 100
const MOST_PEOPLE = 500
/** What has to be asked beyond this is asked when the next change comes. */
const MOST_WAITING = 200

/** Asks the server for what an update only hints at: who reacted, who voted, who somebody is. One thing at a time. */
export class Asker {
  readonly #session: Session
  readonly #states: MessageStates
  readonly #groups: GroupWatch
  readonly #take: Receiver['take']
  #waiting = 0
  #last: Promise<void> = Promise.resolve()

  constructor(session: Session, states: MessageStates, groups: GroupWatch, take: Receiver['take']) {
    this.#session = session
    this.#groups = groups
    this.#states = states
    this.#take = take
  }

  /** @param of what the asks are about: an update, or a message with its reactions or its poll */
  ask(asks: readonly Ask[], of: tl.TypeUpdate | AnyMessage): void {
    for (const ask of asks) {
      if (this.#waiting >= MOST_WAITING) return
      this.#waiting += 1
      this.#last = this.#last.then(() => this.#one(ask, of)).finally(() => (this.#waiting -= 1))
    }
  }

  /** Never throws: what cannot be told now is told with the next change. */
  async #one(ask: Ask, of: tl.TypeUpdate | AnyMessage): Promise<void> {
    try {
      await this.#answer(ask, of)
    } catch (error) {
      this.#session.host.log.debug(
        { error: messageOf(error), ask: ask.kind },
        'telegram: nothing more was told',
      )
    }
  }

  async #answer(ask: Ask, of: tl.TypeUpdate | AnyMessage): Promise<void> {
    switch (ask.kind) {
      case 'reactions': {
        const reactions = of._ === 'message' || of._ === 'updateMessageReactions' ? of.reactions : undefined
        const list = await this.#reactionsOf(ask)
        if (list !== undefined)
          await this.#take(async () => ({ events: await this.#reacted(ask, reactions, list) }))
        return
      }
      case 'votes': {
        const { results, poll } = pollIn(of)
        const list = await this.#votesIn(ask.poll)
        if (list !== undefined && results !== undefined && poll !== undefined) {
          await this.#take(async () => ({ events: await this.#voted(poll.id, poll.poll, results, list) }))
        }
        return
      }
      case 'results':
        return this.#results(ask.poll)
      case 'channel':
      case 'group': {
        this.#groups.touch({ kind: ask.kind === 'channel' ? 'channel' : 'chat', id: ask.id })
        return
      }
      case 'user': {
        const user = await this.#session.view.userOf(ask.id)
        const found = user && (await this.#session.live?.call({ _: 'users.getUsers', id: [user] }, CALL))
        if (found === undefined) return
        this.#session.view.learn({ users: found, chats: [] })
      }
    }
  }

  async #reactionsOf({
    chat,
    n,
  }: {
    chat: TgChat
    n: number
  }): Promise<tl.RawMessagePeerReaction[] | undefined> {
    const peer = await this.#session.view.peerOf(chat)
    const all: tl.RawMessagePeerReaction[] = []
    for (let offset: string | undefined; all.length < MOST_PEOPLE;) {
      const client = this.#session.live
      if (peer === undefined || client === undefined) return undefined
      const more = offset === undefined ? {} : { offset }
      const answer = await client.call(
        { _: 'messages.getMessageReactionsList', peer, id: n, limit: PAGE, ...more },
        CALL,
      )
      this.#session.view.learn(answer)
      all.push(...answer.reactions)
      offset = answer.nextOffset
      if (offset === undefined) return all
    }
    // Of a crowd only the counts are told.
    return undefined
  }

  async #reacted(
    { chat, n }: { chat: TgChat; n: number },
    reactions: tl.RawMessageReactions | undefined,
    list: tl.RawMessagePeerReaction[],
  ): Promise<RemoteEvent[]> {
    const { view, host } = this.#session
    const now = host.clock.now()
    const before = (await this.#states.reactions(chat, n)) ?? NO_REACTIONS
    const of = { chat: remoteChat(view, chat), target: messageIdIn(chat, view.account, n), now }
    const { events, state } = reactionChange(before, reactions, of, view, list)
    await this.#states.setReactions(chat, n, state, now)
    return events
  }

  async #votesIn({ chat, target }: StoredPoll): Promise<tl.TypeMessagePeerVote[] | undefined> {
    const { view, account } = this.#session
    const peer = await view.peerOf(chat)
    const id = numberFor([target], chat, account)
    const all: tl.TypeMessagePeerVote[] = []
    for (let offset: string | undefined; all.length < MOST_PEOPLE;) {
      const client = this.#session.live
      if (peer === undefined || client === undefined || id === undefined) return undefined
      const more = offset === undefined ? {} : { offset }
      const answer = await client.call({ _: 'messages.getPollVotes', peer, id, limit: PAGE, ...more }, CALL)
      view.learn(answer)
      all.push(...answer.votes)
      offset = answer.nextOffset
      if (offset === undefined) return all
    }
    return undefined
  }

  /** The answer is an update like any other. */
  async #results({ chat, target }: StoredPoll): Promise<void> {
    const { view, account, live: client } = this.#session
    const peer = await view.peerOf(chat)
    const msgId = numberFor([target], chat, account)
    if (peer === undefined || client === undefined || msgId === undefined) return
    const updates = await client.call(
      { _: 'messages.getPollResults', peer, msgId, pollHash: Long.ZERO },
      CALL,
    )
    this.#session.feed(updates, { dispatch: true })
  }

  async #voted(
    id: string,
    poll: tl.RawPoll | undefined,
    results: tl.TypePollResults,
    list: tl.TypeMessagePeerVote[],
  ): Promise<RemoteEvent[]> {
    const { view, host } = this.#session
    const known = await this.#states.poll(id)
    if (known === undefined) return []
    const now = host.clock.now()
    const of = { chat: remoteChat(view, known.chat), target: known.target, now }
    const { events, state } = pollChange(known.state, { poll, results }, of, view, list)
    this.#states.setPoll(id, { ...known, state }, now)
    return events
  }
}

type PollIn = { results?: tl.TypePollResults; poll?: { id: string; poll: tl.RawPoll | undefined } }

function pollIn(of: tl.TypeUpdate | AnyMessage): PollIn {
  if (of._ === 'updateMessagePoll') {
    return { results: of.results, poll: { id: of.pollId.toString(), poll: of.poll } }
  }
  if (of._ === 'message' && of.media?._ === 'messageMediaPoll') {
    const { poll, results } = of.media
    return { results, poll: { id: poll.id.toString(), poll } }
  }
  return {}
}
