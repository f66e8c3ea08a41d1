import type { RawUpdateInfo, tl } from '@mtcute/core'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import type { Accounts } from './accounts.ts'
import { remoteChat } from './chats.ts'
import { brings, fingerprint } from './feeder.ts'
import { isWrittenHere, writerOf } from './writers.ts'
import { fromMessage } from './from-message.ts'
import { fromUpdate, here, wantedBy } from './from-update.ts'
import type { Ask } from './from-update.ts'
import { messageIdIn, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import type { MessageStates } from './message-states.ts'
import { isOurs } from './own-messages.ts'
import { chatOfMessage } from './place.ts'
import type { AnyMessage } from './place.ts'
import { chatOfPeer } from './peer.ts'
import { NO_REACTIONS, reactionChange } from './reactions.ts'
import type { Converted } from './receiver.ts'
import type { Session } from './session.ts'

const NOTHING: Converted = { events: [] }

export type ReaderDeps = {
  session: Session
  accounts: Accounts
  states: MessageStates
  /** The server has to be asked for more. */
  ask: (asks: readonly Ask[], of: tl.TypeUpdate | AnyMessage) => void
}

/** Reads what Telegram tells one account, with what is known and kept, into what the ledger takes. */
export class UpdateReader {
  readonly #deps: ReaderDeps
  /** Groups that were looked at since the connection began. */
  readonly #asked = new Set<string>()
  /** What the account wrote from elsewhere, on its way into the ledger. */
  #written: AnyMessage[] = []

  constructor(deps: ReaderDeps) {
    this.#deps = deps
  }

  /** What was read is in the ledger: other accounts that wait for their turn go on. */
  accepted(): void {
    const { outgoing } = this.#deps.session
    for (const { peerId, id } of this.#written.splice(0)) outgoing.wrote(toChatId(chatOfPeer(peerId)), id)
  }

  /** @param isComplete whether all of the batch has come that the update is in */
  async read({ update, peers }: RawUpdateInfo, isComplete: () => boolean): Promise<Converted> {
    const { session, accounts, states } = this.#deps
    const { view, host } = session
    await view.prepare(update, peers)
    if (update._ === 'updateNewMessage' || update._ === 'updateNewChannelMessage') {
      const { message } = update
      const events = await this.message(message, { isComplete })
      const writer = message._ === 'messageEmpty' ? undefined : writerOf(session, accounts, message)
      return writer === undefined ? { events } : { events, pause: () => writer.placed() }
    }
    const chat = chatOfUpdate(update)
    if (chat !== undefined && !this.#speaksFor(chat, update)) return NOTHING
    const message = messageIn(update)
    if (message !== undefined) await view.prepareTopic(chatOfMessage(view, message))
    const now = host.clock.now()
    const wanted = wantedBy(update)
    const read = fromUpdate(update, view, await states.stored(wanted), now)
    await states.keep(wanted, read.keep, now)
    this.#deps.ask(read.asks, update)
    if (read.tell !== undefined) void host.tell(session.login.id, read.tell).catch(() => undefined)
    return { events: read.events, hints: read.hints }
  }

  /** A new message, live or from history, if this account is the one to bring it. */
  async message(
    message: tl.TypeMessage,
    options: { backfilled?: boolean; isComplete?: () => boolean } = {},
  ): Promise<RemoteEvent[]> {
    if (message._ === 'messageEmpty') return []
    const { session, accounts, states } = this.#deps
    const { view, host } = session
    const chat = chatOfMessage(view, message)
    await view.prepareTopic(chat)
    learnTopic(session, message)
    const now = host.clock.now()
    const { isComplete = () => true, ...how } = options
    const ours = await isOurs(session, message, isComplete)
    await states.seen(view, message, now)
    const first = this.#firstOf(chat, message)
    await this.#askAbout(first, message)
    if (options.backfilled !== true) this.#signOf(chat, message)
    const feeder = accounts.feederOf(chat) ?? session.account
    const isBrought = !ours && brings(view, message, feeder)
    const events = isBrought ? fromMessage(message, view, how) : []
    const reactions = isBrought ? await this.#reactionsOn(message, chat, now) : []
    // Last, for they are made once: nothing that may fail comes after them.
    const aliases = this.#aliases(message, chat, ours)
    if (isBrought && isWrittenHere(view, message)) this.#written.push(message)
    // Another account may have brought the message, and its owner alone have been invited.
    const arrival = first === undefined ? [] : [here(view, first, now)]
    return [...events, ...aliases, ...reactions, ...arrival]
  }

  /** What the network says in a group may come with more that it does not say, such as other roles. */
  #signOf({ kind, id }: TgChat, message: AnyMessage): void {
    if (kind === 'user' || message._ !== 'messageService' || !SIGNS.has(message.action._)) return
    this.#deps.ask([{ kind: kind === 'chat' ? 'group' : 'channel', id }], message)
  }

  /** The group of a message, when it is the first of it since the connection began. */
  #firstOf({ kind, id, topic }: TgChat, message: AnyMessage): TgChat | undefined {
    if (kind === 'user' || message._ !== 'message' || this.#asked.has(`${kind}:${id}`)) return undefined
    this.#asked.add(`${kind}:${id}`)
    return { kind, id, ...(topic !== undefined && { topic }) }
  }

  /** Of a group that is new here more is asked than a message tells. */
  async #askAbout(group: TgChat | undefined, message: AnyMessage): Promise<void> {
    if (group === undefined || (await this.#deps.states.group(group)) !== undefined) return
    this.#deps.ask([{ kind: group.kind === 'chat' ? 'group' : 'channel', id: group.id }], message)
  }

  /** What a message that comes from history has been given meanwhile. */
  async #reactionsOn(message: AnyMessage, chat: TgChat, now: Date): Promise<RemoteEvent[]> {
    const { session, states } = this.#deps
    if (message.reactions === undefined) return []
    const { view } = session
    const before = (await states.reactions(chat, message.id)) ?? NO_REACTIONS
    const target = messageIdIn(chat, view.account, message.id)
    const { events, state } = reactionChange(
      before,
      message.reactions,
      { chat: remoteChat(view, chat), target, now },
      view,
    )
    await states.setReactions(chat, message.id, state, now)
    return events
  }

  /** In a basic group that several accounts of the bridge are in, each has a number of its own for a message. */
  #aliases(message: AnyMessage, chat: TgChat, ours: boolean): RemoteEvent[] {
    const { session, accounts } = this.#deps
    const { view } = session
    if (chat.kind !== 'chat' || accounts.inGroup(chat).length < 2) return []
    const print = fingerprint(view, message)
    const id = messageIdIn(chat, view.account, message.id)
    const at = new Date(message.date * 1000)
    const isBrought = ours || brings(view, message, accounts.feederOf(chat) ?? view.account)
    return isBrought
      ? accounts.aliases.brought(chat.id, print, { id, chat: remoteChat(view, chat), at })
      : accounts.aliases.seen(chat.id, print, id)
  }

  /**
   * Where several accounts see a conversation, one of them tells what has no number of its own that would show a repeat.
   */
  #speaksFor(chat: TgChat, update: tl.TypeUpdate): boolean {
    const { session, accounts } = this.#deps
    if (chat.kind === 'user') return true
    const feeder = accounts.feederOf(chat)
    if (feeder === undefined || feeder === session.account) return true
    if (chat.kind === 'channel') return !ONCE.has(update._)
    return PRIVATE.has(update._) || messageIn(update)?.out === true
  }
}

/** Updates whose events have no id that is the same for all accounts. */
const ONCE: ReadonlySet<tl.TypeUpdate['_']> = new Set(['updateMessageReactions', 'updateChannelUserTyping'])

/** What the network says of a group when something about it is different. */
const SIGNS: ReadonlySet<tl.TypeMessageAction['_']> = new Set([
  'messageActionChatEditTitle',
  'messageActionChatEditPhoto',
  'messageActionChatDeletePhoto',
  'messageActionChatAddUser',
  'messageActionChatDeleteUser',
  'messageActionChatJoinedByLink',
  'messageActionChatJoinedByRequest',
  'messageActionChannelMigrateFrom',
  'messageActionCustomAction',
])

/** Updates about what one account alone has done or sees. */
const PRIVATE: ReadonlySet<tl.TypeUpdate['_']> = new Set([
  'updateReadHistoryInbox',
  'updateNotifySettings',
  'updateFolderPeers',
  'updateDialogUnreadMark',
  'updateDialogPinned',
])

function messageIn(update: tl.TypeUpdate): AnyMessage | undefined {
  if (!('message' in update) || typeof update.message !== 'object') return undefined
  const { message } = update
  return message._ === 'message' || message._ === 'messageService' ? message : undefined
}

/** The group or channel that an update is about, without its topic. */
function chatOfUpdate(update: tl.TypeUpdate): TgChat | undefined {
  if ('peer' in update && 'userId' in update.peer) return chatOfPeer(update.peer)
  if ('peer' in update && ('chatId' in update.peer || 'channelId' in update.peer))
    return chatOfPeer(update.peer)
  const message = messageIn(update)
  if (message !== undefined) return chatOfPeer(message.peerId)
  if ('channelId' in update) return { kind: 'channel', id: update.channelId }
  if ('chatId' in update && typeof update.chatId === 'number') return { kind: 'chat', id: update.chatId }
  return undefined
}

/** Topics are named by the message that begins or changes them. */
function learnTopic({ view }: Session, message: AnyMessage): void {
  if (message._ !== 'messageService' || message.peerId._ !== 'peerChannel') return
  const { action } = message
  const topic = chatOfMessage(view, message).topic
  if (topic === undefined) return
  const title =
    action._ === 'messageActionTopicCreate' || action._ === 'messageActionTopicEdit'
      ? action.title
      : undefined
  if (title !== undefined) view.nameTopic(message.peerId.channelId, topic, title)
}

/** What is said in place of an update that could not be understood: where it belongs, else to the owner. */
export async function poisoned(session: Session, { update }: RawUpdateInfo): Promise<Converted> {
  const { view, host } = session
  const text =
    'Something came from Telegram that the bridge could not read. Open the Telegram app to see it; the bridge keeps it, and tries again after an upgrade.'
  const message = messageIn(update)
  try {
    if (message !== undefined) {
      const chat = chatOfPeer(message.peerId)
      const id = remoteMessageId(`unread.${messageIdIn(chat, view.account, message.id)}`)
      return { events: [{ chat: remoteChat(view, chat), id, at: host.clock.now(), kind: 'info', text }] }
    }
  } catch {
    // Not even where it is can be read; then it is told to the owner.
  }
  await host.tell(session.login.id, text)
  return NOTHING
}
