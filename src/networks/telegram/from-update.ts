import type { tl } from '@mtcute/core'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent, RemoteHint } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { hintsOf } from './from-hints.ts'
import { appOnly } from './from-media.ts'
import { fromAdminChange, fromMembers } from './from-members.ts'
import { fromEdit, fromMessage } from './from-message.ts'
import { optionId } from './from-poll.ts'
import { fromDeletion, fromPins } from './from-removal.ts'
import type { Places } from './from-removal.ts'
import { settingsOf } from './from-settings.ts'
import { GENERAL_TOPIC, messageIdIn, toUserId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { personOf, senderOf } from './names.ts'
import { chatOfPeer, senderOfPeer } from './peer.ts'
import { matrixOption, pollChange } from './polls.ts'
import type { PollState } from './polls.ts'
import { roomPower } from './power.ts'
import { NO_REACTIONS, reactionChange } from './reactions.ts'
import type { ReactionState } from './reactions.ts'
import { changeId } from './state-id.ts'
import { isForum } from './view.ts'
import type { View } from './view.ts'

/** What an update cannot be read without, and what has to be looked up before: see `Stored`. */
export type Wanted = {
  /** A message, for the hash of its content or for its reactions. */
  message?: { chat: TgChat; n: number }
  /** The number of a poll. */
  poll?: string
  /** Where these messages are: of a channel's topics, or of the common box. */
  places?: { channel?: number; numbers: readonly number[] }
}

/** A poll and the message in which it is shown. */
export type StoredPoll = { state: PollState; chat: TgChat; target: RemoteMessageId }

/** What was kept of earlier updates. */
export type Stored = { hash?: string; reactions?: ReactionState; poll?: StoredPoll; places?: Places }

/** Something about which the server has to be asked. */
export type Ask =
  | { kind: 'reactions'; chat: TgChat; n: number }
  | { kind: 'votes'; poll: StoredPoll }
  /** How a poll stands for the account itself: what is told to all leaves out what was right. */
  | { kind: 'results'; poll: StoredPoll }
  | { kind: 'channel'; id: number }
  | { kind: 'group'; id: number }
  | { kind: 'user'; id: number }

export type Read = {
  events: RemoteEvent[]
  hints: RemoteHint[]
  /** To be kept in place of what was stored. */
  keep: { hash?: string; reactions?: ReactionState; poll?: StoredPoll }
  asks: Ask[]
  /** Words for the login's owner alone. */
  tell?: string
}

/** What to look up before `fromUpdate`. */
export function wantedBy(update: tl.TypeUpdate): Wanted {
  switch (update._) {
    case 'updateEditMessage':
    case 'updateEditChannelMessage': {
      const { message } = update
      return message._ === 'message' ? { message: { chat: chatOfPeer(message.peerId), n: message.id } } : {}
    }
    case 'updateMessageReactions':
      return { message: { chat: chatOfPeer(update.peer), n: update.msgId }, ...inTopic(update) }
    case 'updateMessagePoll':
    case 'updateMessagePollVote':
      return { poll: update.pollId.toString() }
    case 'updateDeleteMessages':
      return { places: { numbers: update.messages } }
    case 'updateDeleteChannelMessages':
    case 'updatePinnedChannelMessages':
      return { places: { channel: update.channelId, numbers: update.messages } }
    default:
      return {}
  }
}

function inTopic(update: tl.RawUpdateMessageReactions): Wanted {
  const chat = chatOfPeer(update.peer)
  return chat.kind === 'channel' ? { places: { channel: chat.id, numbers: [update.msgId] } } : {}
}

/**
 * An update as events for the ledger, hints, and what to keep. New messages are read as they are: whether this account
 * brings them is for `brings` to say. Total for every kind of update: what means nothing to the bridge gives nothing.
 */
export function fromUpdate(update: tl.TypeUpdate, view: View, stored: Stored, now: Date): Read {
  const nothing: Read = { events: [], hints: [], keep: {}, asks: [] }
  const just = (events: RemoteEvent[]): Read => ({ ...nothing, events })
  switch (update._) {
    case 'updateNewMessage':
    case 'updateNewChannelMessage':
      return just(fromMessage(update.message, view))
    case 'updateEditMessage':
    case 'updateEditChannelMessage': {
      const { events, hash } = fromEdit(update.message, view, stored.hash)
      return { ...just(events), keep: hash === undefined ? {} : { hash } }
    }
    case 'updateDeleteMessages':
    case 'updateDeleteChannelMessages':
      return just(fromDeletion(update, view, stored.places ?? new Map(), now))
    case 'updatePinnedMessages':
    case 'updatePinnedChannelMessages':
      return just(fromPins(update, view, stored.places ?? new Map(), now))
    case 'updateMessageReactions':
      return reactions(update, view, stored, now)
    case 'updateMessagePoll':
      return poll(update, view, stored, now)
    case 'updateMessagePollVote':
      return vote(update, view, stored, now)
    case 'updateNotifySettings':
    case 'updateFolderPeers':
    case 'updateDialogUnreadMark':
    case 'updateDialogPinned':
      return just(settingsOf(update, view, now))
    case 'updateChatParticipants':
      return just(members(update, view, now))
    case 'updateChatParticipantAdmin': {
      const list = groupList(view, update.chatId, `admin.${update.userId}.${update.version}`, now)
      return just([fromAdminChange(update, view, list)])
    }
    case 'updateChatDefaultBannedRights': {
      const whole = chatOfPeer(update.peer)
      const id = remoteMessageId(
        `rights.${update.version}.${JSON.stringify(roomPower(update.defaultBannedRights))}`,
      )
      const room = roomPower(update.defaultBannedRights)
      return just([{ chat: remoteChat(view, general(view, whole)), id, at: now, kind: 'power', room }])
    }
    case 'updatePhoneCall':
      return just(call(update.phoneCall, view, now))
    case 'updateChannel':
      return { ...nothing, asks: [{ kind: 'channel', id: update.channelId }] }
    case 'updateChannelParticipant':
    case 'updateChatParticipant':
      return participant(update, view, now)
    case 'updateChat':
    case 'updateChatParticipantAdd':
    case 'updateChatParticipantDelete':
      return { ...nothing, asks: [{ kind: 'group', id: update.chatId }] }
    case 'updateUser':
      return { ...nothing, hints: hintsOf(update, view), asks: [{ kind: 'user', id: update.userId }] }
    case 'updateServiceNotification':
      return { ...nothing, tell: update.message }
    case 'updateNewAuthorization':
      return update.unconfirmed === true ? { ...nothing, tell: newDevice(update) } : nothing
    case 'updateEncryption':
      return update.chat._ === 'encryptedChatRequested'
        ? {
            ...nothing,
            tell: 'Somebody wants to begin a secret chat. It can be answered in the Telegram app only.',
          }
        : nothing
    default:
      return { ...nothing, hints: hintsOf(update, view) }
  }
}

/** In a forum, what is said of all of it is said in its General topic. */
const general = (view: View, chat: TgChat): TgChat =>
  chat.kind === 'channel' && isForum(view, chat.id) ? { topic: GENERAL_TOPIC, ...chat } : chat

function reactions(update: tl.RawUpdateMessageReactions, view: View, stored: Stored, now: Date): Read {
  const whole = chatOfPeer(update.peer)
  const topic = update.topMsgId === undefined ? {} : { topic: update.topMsgId }
  const forum = whole.kind === 'channel' && isForum(view, whole.id)
  const chat = stored.places?.get(update.msgId) ?? (forum ? general(view, { ...whole, ...topic }) : whole)
  const target = messageIdIn(chat, view.account, update.msgId)
  const of = { chat: remoteChat(view, chat), target, now }
  const { events, state, wantsList } = reactionChange(
    stored.reactions ?? NO_REACTIONS,
    update.reactions,
    of,
    view,
  )
  const asks: Ask[] = wantsList ? [{ kind: 'reactions', chat, n: update.msgId }] : []
  return { events, hints: [], keep: { reactions: state }, asks }
}

function poll(update: tl.RawUpdateMessagePoll, view: View, stored: Stored, now: Date): Read {
  const known = stored.poll
  if (known === undefined) return { events: [], hints: [], keep: {}, asks: [] }
  const of = { chat: remoteChat(view, known.chat), target: known.target, now }
  const { events, state, wantsVotes } = pollChange(known.state, update, of, view)
  const kept = { ...known, state }
  const asks: Ask[] = wantsVotes ? [{ kind: 'votes', poll: kept }] : []
  const isOver = state.closed && !known.state.closed
  if (isOver && state.quiz !== undefined && state.quiz.told !== true)
    asks.push({ kind: 'results', poll: kept })
  return { events, hints: [], keep: { poll: kept }, asks }
}

/** Bots are told of each vote in their polls. */
function vote(update: tl.RawUpdateMessagePollVote, view: View, stored: Stored, now: Date): Read {
  const known = stored.poll
  const sender = senderOfPeer(update.peer)
  const nothing: Read = { events: [], hints: [], keep: {}, asks: [] }
  if (known === undefined || sender === undefined) return nothing
  const options = update.options.map(optionId)
  const who = toUserId(sender)
  const seq = known.state.seq + 1
  const event: RemoteEvent = {
    chat: remoteChat(view, known.chat),
    id: changeId(known.target, `v.${who}`, seq, options),
    at: now,
    sender: senderOf(view, sender),
    kind: 'poll-vote',
    target: known.target,
    optionIds: options.map((option) => matrixOption(known.state, option)),
  }
  const { [who]: _, ...others } = known.state.votes
  const votes = options.length > 0 ? { ...others, [who]: options } : others
  return { ...nothing, events: [event], keep: { poll: { ...known, state: { ...known.state, seq, votes } } } }
}

const groupList = (view: View, group: number, what: string, now: Date) => ({
  chat: remoteChat(view, { kind: 'chat', id: group }),
  id: remoteMessageId(`members.${what}`),
  at: now,
})

function members(update: tl.RawUpdateChatParticipants, view: View, now: Date): RemoteEvent[] {
  const { participants } = update
  if (participants._ !== 'chatParticipants') return []
  const list = groupList(view, participants.chatId, `${participants.version}`, now)
  return fromMembers(participants.participants, view, list, { complete: true })
}

/** Bots are told of people one by one, and first of all that they are in a group themselves. */
function participant(
  update: tl.RawUpdateChannelParticipant | tl.RawUpdateChatParticipant,
  view: View,
  now: Date,
): Read {
  const chat: TgChat =
    update._ === 'updateChatParticipant'
      ? { kind: 'chat', id: update.chatId }
      : { kind: 'channel', id: update.channelId }
  const isHere = update.userId === view.account && update.newParticipant !== undefined
  return {
    events: isHere ? [here(view, chat, now)] : [],
    hints: [],
    keep: {},
    asks: [{ kind: chat.kind === 'chat' ? 'group' : 'channel', id: chat.id }],
  }
}

/** The account itself is in a conversation: whoever owns it may come into its room. It is told once. */
export function here(view: View, whole: TgChat, at: Date): RemoteEvent {
  const chat = remoteChat(view, general(view, whole))
  const id = remoteMessageId(`here.${view.account}`)
  return { chat, id, at, kind: 'membership', user: personOf(view, view.account), change: 'join' }
}

/** A call that rings now; how it ended is told by a message of the conversation. */
function call(of: tl.TypePhoneCall, view: View, now: Date): RemoteEvent[] {
  if (of._ !== 'phoneCallRequested' || of.adminId === view.account) return []
  const chat: TgChat = { kind: 'user', id: of.adminId }
  return [
    {
      chat: remoteChat(view, chat),
      id: remoteMessageId(`call.${of.id.toString()}`),
      at: now,
      sender: senderOf(view, { kind: 'user', id: of.adminId }, { direct: true }),
      kind: 'message',
      content: appOnly('call', `An incoming ${of.video === true ? 'video' : 'voice'} call.`),
    },
  ]
}

function newDevice({ device, location }: tl.RawUpdateNewAuthorization): string {
  const from = [device, location].filter((part) => part !== undefined && part !== '').join(', ')
  return `Somebody logged in to your Telegram account${from === '' ? '' : ` from ${from}`}. If it was not you, end that session in the Telegram app.`
}
