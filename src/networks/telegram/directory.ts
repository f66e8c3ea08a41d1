import { Long } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import { ViaductError } from '../../model/errors.ts'
import type { ActingUser, Login } from '../../model/network.ts'
import { remoteChatId } from '../../model/ids.ts'
import type { RemoteChat, RemoteUser } from '../../model/remote-event.ts'
import type { Accounts } from './accounts.ts'
import { remoteChat } from './chats.ts'
import { chatOfPeer } from './peer.ts'
import { dialogsOf, titleOf } from './dialogs.ts'
import { parseChatId, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { contactName, publicName, remoteUser, usernameOf } from './names.ts'
import { nameOfRefusal, refusalOf } from './rpc.ts'
import type { Session } from './session.ts'

const CALL = { timeout: 30_000, floodSleepThreshold: 5_000 }
const MOST_FOUND = 50
const MOST_DIALOGS = 500

/** Looks people and conversations up, enters and leaves them. */
export class Directory {
  readonly #accounts: Accounts

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  /** By `@name`, link, phone number, number of the account, or name in the address book. @throws ViaductError */
  async find(login: Login, identifier: string): Promise<RemoteUser & { chat: RemoteChat }> {
    const session = this.#accounts.liveOf(login.id)
    const user = await inWords(() => findUser(session, identifier.trim()))
    if (user === undefined)
      throw new ViaductError('bad_request', `Telegram knows nobody called ${identifier}.`)
    session.view.learn({ users: [user], chats: [] })
    const chat = remoteChat(session.view, { kind: 'user', id: user.id })
    return { ...remoteUser(user, { direct: true }), chat }
  }

  /** By invitation link, `@name`, link, or an id of `list`. @throws ViaductError */
  async join(by: ActingUser, identifier: string): Promise<RemoteChat> {
    const session = this.#sessionOf(by)
    const chat = await inWords(() => enter(session, identifier.trim()))
    return remoteChat(session.view, chat)
  }

  async leave(by: ActingUser, { id, type }: RemoteChat): Promise<void> {
    const session = this.#sessionOf(by)
    const chat = parseChatId(id)
    const client = session.live
    if (chat === undefined || client === undefined) return
    if (type === 'dm') throw new ViaductError('bad_request', 'A direct chat on Telegram cannot be left.')
    await inWords(async () => {
      if (chat.kind === 'chat') {
        const userId: tl.RawInputUserSelf = { _: 'inputUserSelf' }
        const left = await client.call({ _: 'messages.deleteChatUser', chatId: chat.id, userId }, CALL)
        session.feed(left, { dispatch: true })
        return
      }
      const channel = await session.view.channelOf(chat.id)
      if (channel === undefined) return
      session.feed(await client.call({ _: 'channels.leaveChannel', channel }, CALL), { dispatch: true })
    })
  }

  /** The account's conversations whose name has the words in it. */
  async list(
    login: Login,
    query: string,
  ): Promise<{ id: string; name: string; members?: number; topic?: string }[]> {
    const session = this.#accounts.liveOf(login.id)
    const words = query.trim().toLowerCase()
    const dialogs = await inWords(() => dialogsOf(session, MOST_DIALOGS))
    return dialogs
      .map(({ chat }) => ({ chat, ...titleOf(session.view, chat) }))
      .filter(({ name }) => name.toLowerCase().includes(words))
      .slice(0, MOST_FOUND)
      .map(({ chat, name, handle, members }) => ({
        id: handle === undefined ? toChatId(chat) : `@${handle}`,
        name,
        ...(members !== undefined && { members }),
      }))
  }

  #sessionOf(by: ActingUser): Session {
    if (by.login === undefined) {
      throw new ViaductError(
        'not_logged_in',
        'You are not logged in to Telegram. Say "login telegram" to begin.',
      )
    }
    return this.#accounts.liveOf(by.login.id)
  }
}

/** `name` of `@name`, `https://t.me/name`, `tg://resolve?domain=name`. */
export function usernameIn(text: string): string | undefined {
  const found =
    /^@([A-Za-z]\w{3,31})$/.exec(text) ??
    /^(?:https?:\/\/)?(?:www\.)?(?:t|telegram)\.me\/([A-Za-z]\w{3,31})(?:[/?].*)?$/.exec(text) ??
    /^tg:\/\/resolve\?domain=([A-Za-z]\w{3,31})/.exec(text)
  const name = found?.[1]
  return name === undefined || /^(?:joinchat|addstickers|share|proxy)$/i.test(name) ? undefined : name
}

/** The hash of an invitation: `https://t.me/+hash`, `https://t.me/joinchat/hash`, `tg://join?invite=hash`. */
export function invitationIn(text: string): string | undefined {
  const link = /^(?:https?:\/\/)?(?:www\.)?(?:t|telegram)\.me\/(?:\+|joinchat\/)([\w-]{8,})/.exec(text)
  return (link ?? /^tg:\/\/join\?invite=([\w-]{8,})/.exec(text))?.[1]
}

async function findUser(session: Session, text: string): Promise<tl.RawUser | undefined> {
  const client = session.live
  if (client === undefined) return undefined
  const username = usernameIn(text)
  if (username !== undefined) {
    const found = await client.call({ _: 'contacts.resolveUsername', username }, CALL)
    return userIn(found)
  }
  const digits = text.replace(/[\s().-]/g, '')
  if (/^\+\d{5,16}$/.test(digits)) {
    return userIn(await client.call({ _: 'contacts.resolvePhone', phone: digits.slice(1) }, CALL))
  }
  if (/^\d+$/.test(digits)) {
    await session.view.prepare({ userId: Number(digits) })
    return session.view.user(Number(digits))
  }
  return inContacts(session, text)
}

function userIn({ peer, users }: tl.contacts.RawResolvedPeer): tl.RawUser | undefined {
  if (peer._ !== 'peerUser') return undefined
  return users.find((user): user is tl.RawUser => user._ === 'user' && user.id === peer.userId)
}

async function inContacts(session: Session, name: string): Promise<tl.RawUser | undefined> {
  const answer = await session.live?.call({ _: 'contacts.getContacts', hash: Long.ZERO }, CALL)
  const users = answer?._ === 'contacts.contacts' ? answer.users : []
  const wanted = name.toLowerCase()
  const named = users.filter((user): user is tl.RawUser => user._ === 'user')
  const names = (user: tl.RawUser) => [contactName(user), publicName(user), usernameOf(user)]
  const exact = named.filter((user) => names(user).some((each) => each?.toLowerCase() === wanted))
  const found =
    exact.length > 0
      ? exact
      : named.filter((user) => names(user).some((each) => each?.toLowerCase().includes(wanted)))
  const [only, another] = found
  if (another === undefined) return only
  const list = found
    .slice(0, 5)
    .map((user) => names(user).find((each) => each !== undefined && each !== '') ?? user.id)
  throw new ViaductError(
    'bad_request',
    `Which one? There are ${list.join(', ')}. Say the @name or the phone number.`,
  )
}

async function enter(session: Session, text: string): Promise<TgChat> {
  const client = session.live
  if (client === undefined) throw notConnected()
  const invitation = invitationIn(text)
  if (invitation !== undefined) return enterByLink(session, invitation)
  const known = parseChatId(remoteChatId(text))
  if (known !== undefined && known.kind !== 'user') {
    await session.view.prepare(known.kind === 'chat' ? { chatId: known.id } : { channelId: known.id })
    if (session.view.knows(known)) {
      if (!session.view.mayBeIn(known) && known.kind === 'channel') await enterChannel(session, known.id)
      return known
    }
  }
  const username = usernameIn(text)
  if (username === undefined) {
    throw new ViaductError('bad_request', `${text} is no @name and no link of Telegram.`)
  }
  const { peer } = await client.call({ _: 'contacts.resolveUsername', username }, CALL)
  if (peer._ !== 'peerChannel') {
    throw new ViaductError(
      'bad_request',
      `@${username} is a person or a bot: begin a chat with them instead.`,
    )
  }
  await enterChannel(session, peer.channelId)
  return chatOfPeer(peer)
}

async function enterChannel(session: Session, id: number): Promise<void> {
  const channel = await session.view.channelOf(id)
  if (channel === undefined)
    throw new ViaductError('bad_request', 'Telegram does not show this to your account.')
  const client = session.live
  if (client === undefined) throw notConnected()
  entered(session, await client.call({ _: 'channels.joinChannel', channel }, CALL))
}

/** Takes over what the server tells of a conversation that was entered. @returns its conversations */
function entered(session: Session, result: tl.messages.TypeChatInviteJoinResult): tl.TypeChat[] {
  if (result._ !== 'messages.chatInviteJoinResultOk') {
    throw new ViaductError('network_refused', 'Telegram wants you to enter this with its own app.')
  }
  const { updates } = result
  const { users, chats } = 'chats' in updates ? updates : { users: [], chats: [] }
  session.view.learn({ users, chats })
  session.feed(updates, { dispatch: true })
  return chats
}

async function enterByLink(session: Session, hash: string): Promise<TgChat> {
  const client = session.live
  if (client === undefined) throw notConnected()
  const invited = await client.call({ _: 'messages.checkChatInvite', hash }, CALL)
  if (invited._ === 'chatInviteAlready' || invited._ === 'chatInvitePeek') {
    session.view.learn({ users: [], chats: [invited.chat] })
    if (invited._ === 'chatInviteAlready') return chatOf(invited.chat)
  }
  const [chat] = entered(session, await client.call({ _: 'messages.importChatInvite', hash }, CALL))
  if (chat === undefined)
    throw new ViaductError('internal', 'Telegram does not say which conversation it was.')
  return chatOf(chat)
}

const notConnected = () => new ViaductError('network_down', 'Telegram is not connected.')

const chatOf = (chat: tl.TypeChat): TgChat =>
  chat._ === 'chat' || chat._ === 'chatForbidden' || chat._ === 'chatEmpty'
    ? { kind: 'chat', id: chat.id }
    : { kind: 'channel', id: chat.id }

const REFUSALS: Readonly<Record<string, string>> = {
  USERNAME_NOT_OCCUPIED: 'Nobody on Telegram is called so.',
  USERNAME_INVALID: 'That cannot be a name on Telegram.',
  PHONE_NOT_OCCUPIED: 'There is nobody with this number on Telegram, or they do not want to be found by it.',
  INVITE_HASH_INVALID: 'This invitation is not valid.',
  INVITE_HASH_EXPIRED: 'This invitation is not valid any more.',
  INVITE_HASH_EMPTY: 'This invitation is not valid.',
  INVITE_REQUEST_SENT: 'You have asked to be let in. When somebody agrees, the conversation appears here.',
  USER_ALREADY_PARTICIPANT: 'You are in it already.',
  USERS_TOO_MUCH: 'It is full.',
  CHANNELS_TOO_MUCH: 'Your account is in as many groups and channels as Telegram allows.',
  CHANNEL_PRIVATE: 'It is private, or you were removed from it.',
  USER_BANNED_IN_CHANNEL: 'You are banned there.',
  CHANNEL_INVALID: 'Telegram does not show this to your account.',
  USER_NOT_PARTICIPANT: 'You are not in it.',
  BOT_METHOD_INVALID: 'Bots cannot do this.',
}

/** @throws ViaductError with words for whatever the server refused */
async function inWords<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ViaductError) throw error
    const refused = refusalOf(error)
    if (refused === undefined)
      throw new ViaductError('network_down', 'Telegram does not answer.', { cause: error })
    const name = nameOfRefusal(refused)
    const words = Object.hasOwn(REFUSALS, name) ? REFUSALS[name] : undefined
    const wait =
      refused.seconds === undefined ? undefined : `Telegram asks to wait ${refused.seconds} seconds.`
    throw new ViaductError('network_refused', words ?? wait ?? `Telegram refused it: ${name}.`, {
      cause: error,
    })
  }
}
