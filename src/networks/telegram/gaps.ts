import type { tl } from '@mtcute/core'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { dialogsOf } from './dialogs.ts'
import type { DialogInfo } from './dialogs.ts'
import { historyOf } from './history.ts'
import type { HistoryRange } from './history.ts'
import { derivedId, messageIdIn, numberFor, parseChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { chatOfMessage } from './place.ts'
import type { Gap } from './observer.ts'
import type { Receiver } from './receiver.ts'
import type { Connection } from './connection.ts'
import type { Session } from './session.ts'
import type { UpdateReader } from './update-reader.ts'

const MOST_DIALOGS = 500
const FIRST_DONE = 'first-done'
/** Clocks of the server's machines may differ by so much. */
const OVERLAP_MS = 60_000
/** Nobody writes more in a second. */
const OVERLAP_NUMBERS = 50
/** Channels asked about at once (https://core.telegram.org/api/updates wants no more than ten at a time). */
const AT_ONCE = 5
const PEERS_AT_ONCE = 50
const CALL_MS = 30_000

export type GapsDeps = {
  session: Session
  connection: Connection
  reader: UpdateReader
  take: Receiver['take']
}

/** Fetches what the updates leave out: what was there before the login, what the server does not keep as updates any more. */
export class Gaps {
  readonly #deps: GapsDeps

  constructor(deps: GapsDeps) {
    this.#deps = deps
  }

  /**
   * The newest messages of the newest conversations, and what was missed since an earlier login. It comes before the first
   * update is read, and the updates go on from the moment of the login: nothing between them is lost, and the order is right.
   */
  async first(): Promise<void> {
    const { session, connection, take } = this.#deps
    // Bots have no list of conversations and no history.
    if (session.isBot || (await connection.session.get(FIRST_DONE)) !== undefined) return
    const dialogs = await dialogsOf(session, MOST_DIALOGS)
    await connection.storage.beginChannels(
      dialogs.flatMap(({ chat, pts }) => (pts === undefined ? [] : [[chat.id, pts]])),
    )
    const { chats, messages } = session.config.backfill
    const newest = dialogs.toSorted((a, b) => (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0))
    // Oldest first, so that rooms come into being in the order in which people know them.
    for (const [rank, { chat }] of [...newest.entries()].toReversed()) {
      const after = await this.#newestKnown(chat)
      const range: HistoryRange | undefined =
        after !== undefined
          ? { ...after, most: session.config.gapMessages }
          : rank < chats
            ? { most: messages }
            : undefined
      if (range !== undefined)
        await take(async () => ({ events: await this.#fetch('first', chat, range, after !== undefined) }))
    }
    await connection.session.set(FIRST_DONE, session.host.clock.now().toISOString())
  }

  /** A channel has moved on by more than the server tells one by one. */
  channelTooLong(id: number): void {
    const { session } = this.#deps
    const chat: TgChat = { kind: 'channel', id }
    if (session.isBot) return this.#tellOwner(`channel ${id}`)
    this.#fill(`channel ${id}`, async () => {
      const after = await this.#newestKnown(chat)
      const { backfill, gapMessages } = session.config
      const range = after === undefined ? { most: backfill.messages } : { ...after, most: gapMessages }
      return this.#fetch('channel', chat, range, after !== undefined)
    })
  }

  /** Watches for answers after which updates were skipped: by mtcute, without a word to anybody. */
  answered(request: tl.RpcMethod, result: unknown): void {
    const kind = typeof result === 'object' && result !== null ? (result as { _?: unknown })._ : undefined
    const tooLong = request._ === 'updates.getDifference' && kind === 'updates.differenceTooLong'
    // It asks for the state only when it gives up on the updates before.
    const givenUp = request._ === 'updates.getState' && kind === 'updates.state'
    if (this.#deps.connection.client.updates?.updatesLoopActive !== true) return
    if (tooLong || givenUp) this.#everything()
  }

  /** Channels that moved while the bridge was down, should the server not name them. */
  async channels(): Promise<void> {
    const { session, connection } = this.#deps
    if (session.isBot) return
    const stored = await connection.storage.channelCursors()
    const known = [...stored.keys()].filter((id) => session.view.mayBeIn({ kind: 'channel', id }))
    for (let at = 0; at < known.length; at += PEERS_AT_ONCE) {
      const moved = await this.#movedOf(known.slice(at, at + PEERS_AT_ONCE), stored)
      for (let some = 0; some < moved.length; some += AT_ONCE) {
        const updates = moved.slice(some, some + AT_ONCE).map((channelId): tl.RawUpdateChannelTooLong => {
          const pts = stored.get(channelId)
          return { _: 'updateChannelTooLong', channelId, ...(pts !== undefined && { pts }) }
        })
        session.feed({ _: 'updates', updates, users: [], chats: [], date: 0, seq: 0 }, { dispatch: true })
      }
    }
  }

  async #movedOf(ids: number[], stored: ReadonlyMap<number, number>): Promise<number[]> {
    const { session } = this.#deps
    const peers: tl.RawInputDialogPeer[] = []
    for (const id of ids) {
      const peer = await session.view.peerOf({ kind: 'channel', id })
      if (peer !== undefined) peers.push({ _: 'inputDialogPeer', peer })
    }
    const client = session.live
    if (peers.length === 0 || client === undefined) return []
    const answer = await client.call({ _: 'messages.getPeerDialogs', peers }, { timeout: CALL_MS })
    session.view.learn(answer)
    const moved: number[] = []
    for (const dialog of answer.dialogs) {
      if (dialog._ !== 'dialog' || dialog.peer._ !== 'peerChannel' || dialog.pts === undefined) continue
      const { channelId } = dialog.peer
      if (dialog.pts > (stored.get(channelId) ?? 0)) moved.push(channelId)
    }
    return moved
  }

  /** Every conversation in which something came since the cursor was last stored. */
  #everything(): void {
    const { session, connection } = this.#deps
    if (session.isBot) return this.#tellOwner('all conversations')
    this.#fill('all conversations', async () => {
      const since = new Date((await connection.storage.cursorDate()).getTime() - OVERLAP_MS)
      const dialogs = await dialogsOf(session, MOST_DIALOGS)
      const events: RemoteEvent[] = []
      for (const { chat, at } of dialogs.toReversed()) {
        if (at !== undefined && at < since) continue
        const after = await this.#newestKnown(chat)
        const range = after ?? { since }
        const { gapMessages } = session.config
        events.push(...(await this.#fetch('account', chat, { ...range, most: gapMessages }, true)))
      }
      return events
    })
  }

  /** Of what a bot has missed for too long nothing can be had any more. */
  #tellOwner(what: string): void {
    const { host, login } = this.#deps.session
    this.#fill(what, async () => {
      const text = `The bot ${login.name} was away for so long that Telegram does not tell what it missed.`
      await host.tell(login.id, text)
      return []
    })
  }

  /** The cursor does not move before the gap is filled. */
  #fill(what: string, run: () => Promise<RemoteEvent[]>): void {
    const { connection, session, take } = this.#deps
    session.host.log.info({ login: session.login.id, what }, 'telegram: filling a gap from history')
    connection.gate.hold(take(async () => ({ events: await run() })))
  }

  async #fetch(
    gap: Gap,
    chat: DialogInfo['chat'],
    range: HistoryRange,
    isGap: boolean,
  ): Promise<RemoteEvent[]> {
    const { session, reader } = this.#deps
    const { messages, complete } = await historyOf(session, chat, range)
    if (messages.length > 0) session.observer.filled(gap, messages.length)
    const events: RemoteEvent[] = []
    for (const message of messages) {
      await session.view.prepare(message)
      events.push(...(await reader.message(message, { backfilled: true })))
    }
    const [first] = messages
    if (!isGap || complete || first === undefined) return events
    const { view, account } = session
    const missed: RemoteEvent = {
      chat: remoteChat(view, chatOfMessage(view, first)),
      id: derivedId(messageIdIn(chat, account, first.id), 'gap'),
      at: new Date(first.date * 1000),
      kind: 'info',
      backfilled: true,
      text: `More than ${range.most} messages came while the bridge was away. The older ones of them are in the Telegram app only.`,
    }
    return [missed, ...events]
  }

  /**
   * From where on the bridge may have nothing of a conversation: after the highest number that it has, of a forum among all
   * its topics. In a basic group the newest may have a number of another account only; and what is known is read again from
   * a little before, since the place of a message among those of its second is counted (`shared-id.ts`).
   */
  async #newestKnown(chat: TgChat): Promise<{ after: number } | { since: Date } | undefined> {
    const { session } = this.#deps
    const { host, account, login } = session
    const isShared = chat.kind === 'chat'
    let newest: number | undefined
    let since: Date | undefined
    for (const { chat: bridged } of await host.chats('telegram')) {
      const parsed = parseChatId(bridged.id)
      if (parsed?.kind !== chat.kind || parsed.id !== chat.id) continue
      if (bridged.receiver !== undefined && bridged.receiver !== login.id) continue
      const found = await host.newest(bridged)
      const n = found && numberFor([found.id], chat, account)
      if (n !== undefined && n > (newest ?? 0)) newest = n
      if (n === undefined && found !== undefined && isShared)
        since = new Date(found.at.getTime() - OVERLAP_MS)
    }
    if (newest === undefined) return since && { since }
    return { after: isShared ? Math.max(0, newest - OVERLAP_NUMBERS) : newest }
  }
}
