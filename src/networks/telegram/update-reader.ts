import type { RawUpdateInfo, tl } from '@mtcute/core'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import type { Accounts } from './accounts.ts'
import { remoteChat } from './chats.ts'
import { brings, otherWriter } from './feeder.ts'
import { isWrittenHere, writerOf } from './writers.ts'
import { fromEdit, fromMessage } from './from-message.ts'
import { fromUpdate, here, wantedBy } from './from-update.ts'
import type { Ask } from './from-update.ts'
import { messageIdIn, parseChatId, parseMessageId, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import type { MessageStates } from './message-states.ts'
import { isOurs } from './own-messages.ts'
import { chatOfMessage } from './place.ts'
import type { AnyMessage } from './place.ts'
import { chatOfPeer } from './peer.ts'
import { NO_REACTIONS, reactionChange } from './reactions.ts'
import type { Converted } from './receiver.ts'
import type { Session } from './session.ts'
import { aliasOf, ownIdOf, underSharedId } from './shared-id.ts'
import { hashOfUpdate } from './unread.ts'

const NOTHING: Converted = { events: [] }

export type ReaderDeps = {
  session: Session
  accounts: Accounts
  states: MessageStates
  /** A message waits for the account that wrote it. */
  onHeld: () => void
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
    if (read.tell !== undefined) await host.tell(session.login.id, read.tell, hashOfUpdate(update))
    return { events: await this.#named(read.events), hints: read.hints }
  }

  /** What happened to messages of basic groups, under the ids that all accounts have for them. */
  async #named(events: readonly RemoteEvent[]): Promise<RemoteEvent[]> {
    const { session, states } = this.#deps
    const named: RemoteEvent[] = []
    for (const event of events) {
      const n = SHARED.has(event.kind) ? parseMessageId(event.id)?.n : undefined
      const isOfGroup = parseChatId(event.chat.id)?.kind === 'chat'
      const shared = n !== undefined && isOfGroup ? await states.sharedOf(n) : undefined
      if (n === undefined || shared === undefined) named.push(event)
      else named.push(...underSharedId([event], ownIdOf(session.view, n), shared))
    }
    return named
  }

  /** A new message, live or from history, if this account is the one to bring it. */
  async message(
    message: tl.TypeMessage,
    options: { backfilled?: boolean; isComplete?: () => boolean } = {},
  ): Promise<RemoteEvent[]> {
    if (message._ === 'messageEmpty') return []
    const { session, states } = this.#deps
    const { view, host } = session
    const chat = chatOfMessage(view, message)
    await view.prepareTopic(chat)
    learnTopic(session, message)
    const now = host.clock.now()
    const { isComplete = () => true, ...how } = options
    const ours = await isOurs(session, message, isComplete)
    const { hash } = await states.stored({ message: { chat, n: message.id } })
    await states.seen(view, message, now)
    const first = this.#firstOf(chat, message)
    await this.#askAbout(first, message)
    if (options.backfilled !== true) this.#signOf(chat, message)
    const brought =
      chat.kind === 'chat'
        ? await this.#inGroup(message, chat, { ours, backfilled: options.backfilled === true })
        : { isBrought: !ours && brings(view, message), isKnown: false, shared: undefined, aliases: [] }
    const { isBrought, isKnown, shared, aliases } = brought
    const read = isBrought ? fromMessage(message, view, how) : []
    if (isBrought || isKnown) read.push(...(await this.#correctedMeanwhile(message, chat, shared, hash)))
    const events = shared === undefined ? read : underSharedId(read, ownIdOf(view, message.id), shared)
    const reactions = isBrought && this.#feeds(chat) ? await this.#reactionsOn(message, chat, now) : []
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

  /**
   * A message that comes again, because the cursor was not stored, comes as it reads now; the update of its edit then
   * tells nothing new. `before` is the hash of what it read as; a crash may have kept that from being stored.
   */
  async #correctedMeanwhile(
    message: AnyMessage,
    chat: TgChat,
    shared: RemoteMessageId | undefined,
    before: string | undefined,
  ): Promise<RemoteEvent[]> {
    if (message._ !== 'message' || message.editDate === undefined || message.editHide === true) return []
    const { session, accounts } = this.#deps
    const { view, host } = session
    if (before === undefined) {
      const own = messageIdIn(chat, view.account, message.id)
      // What another account has brought may have been edited by then.
      const isAlone = shared !== undefined && accounts.inGroup(chat).length < 2
      const known = await host.known(remoteChat(view, chat), isAlone ? [own, shared] : [own])
      if (known.size === 0) return []
    }
    return fromEdit(message, view, before).events
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

  /**
   * A message of a basic group, for which each account has a number of its own. Every account brings what strangers write,
   * under one id, of which the ledger takes the first: so nobody relies on another whose login may end. What accounts
   * of the bridge write comes from themselves, and is held by the others until it has come.
   */
  async #inGroup(
    message: AnyMessage,
    chat: TgChat,
    { ours, backfilled }: { ours: boolean; backfilled: boolean },
  ): Promise<{ isBrought: boolean; isKnown: boolean; shared: RemoteMessageId; aliases: RemoteEvent[] }> {
    const { session, accounts, states, onHeld } = this.#deps
    const { view, host } = session
    const now = host.clock.now()
    const shared = await states.shared(view, message, now)
    const own = ownIdOf(view, message.id)
    const of = { chat: remoteChat(view, chat), at: new Date(message.date * 1000) }
    if (ours) return { isBrought: false, isKnown: false, shared, aliases: [aliasOf(of, own, shared)] }
    const author = otherWriter(view, message) ?? this.#personIn(chat)
    if (author !== undefined) {
      await states.hold({ chat: chat.id, n: message.id, author, date: message.date, shared }, now)
      onHeld()
      return { isBrought: false, isKnown: false, shared, aliases: [] }
    }
    const isAlone = accounts.inGroup(chat).length < 2
    const isKnown = (!isAlone || backfilled) && (await host.known(of.chat, [shared, own])).size > 0
    const aliases = isAlone && !isKnown ? [] : [aliasOf(of, shared, own)]
    return { isBrought: !isKnown, isKnown, shared, aliases }
  }

  /**
   * Of bots many do not see everything that is written in a group: they leave it to an account that does, and count as one
   * that has to wait for it.
   */
  #personIn(chat: TgChat): number | undefined {
    const { session, accounts } = this.#deps
    if (!session.isBot) return undefined
    return accounts.inGroup(chat).find((each) => !each.isBot)?.account
  }

  /** Whether this account is the one to tell what has no id that is the same for all. */
  #feeds(chat: TgChat): boolean {
    const { session, accounts } = this.#deps
    const feeder = chat.kind === 'chat' ? accounts.feederOf(chat) : undefined
    return feeder === undefined || feeder === session.account
  }

  /**
   * Where several accounts see a conversation, one of them tells what has no number of its own that would show a repeat.
   */
  #speaksFor(chat: TgChat, update: tl.TypeUpdate): boolean {
    const { session, accounts } = this.#deps
    if (chat.kind === 'user') return true
    const feeder = accounts.feederOf(chat)
    const edited = messageIn(update)
    if (chat.kind === 'chat' && edited !== undefined && otherWriter(session.view, edited) !== undefined)
      return false
    if (feeder === undefined || feeder === session.account) return true
    if (chat.kind === 'channel') return !ONCE.has(update._)
    return PRIVATE.has(update._) || edited !== undefined
  }
}

/** What every account sees alike, and tells. Reactions and votes are counted by each for itself. */
const SHARED: ReadonlySet<RemoteEvent['kind']> = new Set(['edit', 'redaction', 'poll-end', 'info'])

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
  await host.tell(session.login.id, text, hashOfUpdate(update))
  return NOTHING
}
