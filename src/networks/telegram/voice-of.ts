import type { tl } from '@mtcute/core'
import type { Mention } from '../../model/content.ts'
import type { RemoteUserId } from '../../model/ids.ts'
import type { SendRequest } from '../../model/network.ts'
import type { RemoteAction, Target } from '../../model/remote-action.ts'
import { numberFor, parseUserId, personId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { usernameOf } from './names.ts'
import type { PollState } from './polls.ts'
import type { Session } from './session.ts'
import type { Voice } from './voice.ts'

const CALL = { timeout: 20_000, floodSleepThreshold: 5_000 }

/** Everything about the account and the conversation that decides how something is said there, looked up beforehand. */
export async function voiceOf(session: Session, { action, by }: SendRequest, chat: TgChat): Promise<Voice> {
  const { view, account } = session
  const inputs = new Map<number, tl.TypeInputUser>()
  for (const id of peopleIn(action)) {
    const user = parseUserId(id)
    if (user?.kind !== 'user') continue
    await view.prepare({ userId: user.id })
    const input = await view.userOf(user.id)
    if (input !== undefined) inputs.set(user.id, input)
  }
  const channel = chat.kind === 'channel' ? view.channel(chat.id) : undefined
  const n = targetNumber(action, chat, account)
  const reactions = isReaction(action) ? await allowedIn(session, chat) : undefined
  const state = isReaction(action) && n !== undefined ? await session.states?.reactions(chat, n) : undefined
  const poll = await pollOf(session, action, chat, n)
  return {
    chat,
    account,
    premium: view.user(account)?.premium === true,
    broadcast: channel?.broadcast === true,
    ...(by.login === undefined && by.name !== '' && { speaker: by.name }),
    inputUser: (id) => inputs.get(id),
    usernameOf: (id) => {
      const user = view.user(id)
      return user && usernameOf(user)
    },
    ...(reactions !== undefined && { allowedReactions: reactions }),
    ownReactions: (state?.people[personId(account)] ?? []).map(({ key }) => key),
    ...(poll && { poll }),
  }
}

const isReaction = ({ kind }: RemoteAction) => kind === 'reaction' || kind === 'reaction-removal'

/** Whom an action speaks of. */
function peopleIn(action: RemoteAction): RemoteUserId[] {
  const mentions = (all: readonly Mention[] | undefined) => (all ?? []).flatMap(({ remote }) => remote ?? [])
  switch (action.kind) {
    case 'message':
    case 'edit':
      return 'mentions' in action.content ? mentions(action.content.mentions) : []
    case 'membership':
      return action.remote === undefined ? [] : [action.remote]
    case 'power':
      return action.changes.map(({ remote }) => remote)
    default:
      return []
  }
}

function targetNumber(action: RemoteAction, chat: TgChat, account: number): number | undefined {
  const target: Target | undefined = 'target' in action ? action.target : undefined
  return target && numberFor(target.remoteIds, chat, account)
}

/** Reactions that a group allows; undefined where all are, or nothing is known. */
async function allowedIn(session: Session, chat: TgChat): Promise<readonly string[] | undefined> {
  if (chat.kind === 'user') return undefined
  const known = session.allowedReactions.get(`${chat.kind}:${chat.id}`)
  if (known !== undefined) return known.all
  const full = await fullOf(session, chat).catch(() => undefined)
  if (full === undefined) return undefined
  const { availableReactions: available } = full
  const some = available?._ === 'chatReactionsSome' ? available.reactions : []
  const list = some.flatMap((each) => (each._ === 'reactionEmoji' ? [each.emoticon] : []))
  const all = available?._ === 'chatReactionsAll' ? undefined : list
  session.allowedReactions.set(`${chat.kind}:${chat.id}`, { all })
  return all
}

async function fullOf(session: Session, chat: TgChat): Promise<tl.TypeChatFull | undefined> {
  const client = session.live
  if (client === undefined) return undefined
  if (chat.kind === 'chat')
    return (await client.call({ _: 'messages.getFullChat', chatId: chat.id }, CALL)).fullChat
  const channel = await session.view.channelOf(chat.id)
  return channel && (await client.call({ _: 'channels.getFullChannel', channel }, CALL)).fullChat
}

/** The poll that somebody votes in: by its message, which says its number. */
async function pollOf(
  session: Session,
  action: RemoteAction,
  chat: TgChat,
  n: number | undefined,
): Promise<PollState | undefined> {
  if (n === undefined || action.kind !== 'poll-vote') return undefined
  const id = await session.states?.pollIn(chat, n)
  return id === undefined ? undefined : (await session.states?.poll(id))?.state
}
