import { createHash } from 'node:crypto'
import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { fromMembers } from './from-members.ts'
import type { MemberList } from './from-members.ts'
import { GENERAL_TOPIC, personId } from './ids.ts'
import type { TgChat } from './ids.ts'
import type { MessageStates } from './message-states.ts'
import { profilePicture } from './picture.ts'
import { roomPower } from './power.ts'
import type { Session } from './session.ts'
import { isForum } from './view.ts'

const CALL = { timeout: 30_000, floodSleepThreshold: 30_000 }
/** Of a larger group the others come in when they speak. */
const MOST_MEMBERS = 200

/** What was last told of a group; it is JSON. */
export type GroupInfo = {
  seq: number
  title: string
  about: string
  photo: string
  gone: boolean
  members: string
  /** Administrators of a group with more members than are listed; whoever is none any more loses their power. */
  admins?: number[]
  /** Matrix has changed something since: all of it is told anew, so that nothing is taken for as it was. */
  stale?: true
}

type Found = {
  title: string
  about: string
  chat: tl.RawChat | tl.RawChannel | undefined
  participants: readonly (tl.TypeChatParticipant | tl.TypeChannelParticipant)[] | undefined
  complete: boolean
  /** Where the list is not complete: those with power. */
  admins?: readonly tl.TypeChannelParticipant[]
}

/** What has changed of a group's name, description, picture, members and rights. @throws tl.RpcError */
export async function groupEvents(
  session: Session,
  states: MessageStates,
  chat: TgChat,
): Promise<RemoteEvent[]> {
  const { view, host } = session
  const whole: TgChat = { kind: chat.kind, id: chat.id }
  const found =
    chat.kind === 'channel' ? await channelNow(session, chat.id) : await groupNow(session, chat.id)
  const now = host.clock.now()
  const shown: TgChat =
    chat.kind === 'channel' && isForum(view, chat.id) ? { ...whole, topic: GENERAL_TOPIC } : whole
  const kept = await states.group(whole)
  const before = kept?.stale === true ? undefined : kept
  const picture = found.chat && profilePicture(found.chat)
  const photo = picture?.id ?? ''
  const admins = found.admins?.flatMap((each) => ('userId' in each ? [each.userId] : []))
  const members = short(
    JSON.stringify([found.participants, found.chat?.defaultBannedRights, found.admins], plainly),
  )
  const seq = (kept?.seq ?? 0) + 1
  const gone = found.chat === undefined
  const base = { chat: remoteChat(view, shown), at: now }
  // Each account counts by itself.
  const id = (what: string) => remoteMessageId(`info.${view.account}.${seq}.${what}`)
  const events: RemoteEvent[] = []
  if (gone) {
    if (kept?.gone === false) {
      events.push({
        ...base,
        id: id('gone'),
        kind: 'info',
        text: 'Your Telegram account is not in here any more.',
      })
    }
  } else {
    if (found.title !== before?.title && found.title !== '' && shown.topic === undefined) {
      events.push({ ...base, id: id('name'), kind: 'name', name: found.title })
    }
    if (found.about !== (before?.about ?? '') || kept?.stale === true)
      events.push({ ...base, id: id('topic'), kind: 'topic', topic: found.about })
    if (photo !== (before?.photo ?? '') || kept?.stale === true) {
      events.push({
        ...base,
        id: id('avatar'),
        kind: 'avatar',
        avatar: undefined,
        ...(picture && { picture }),
      })
    }
    if (members !== before?.members) {
      if (found.participants !== undefined) {
        events.push(
          ...fromMembers(
            found.participants,
            view,
            { ...base, id: id('members') },
            { complete: found.complete },
          ),
        )
      }
      if (found.admins !== undefined)
        events.push(
          ...fromMembers(found.admins, view, { ...base, id: id('admins') }, { complete: false }),
          ...demoted(kept?.admins ?? [], admins ?? [], { ...base, id: id('demoted') }),
        )
      const rights = found.chat?.defaultBannedRights
      const broadcast = found.chat?._ === 'channel' && found.chat.broadcast === true
      events.push({ ...base, id: id('rights'), kind: 'power', room: roomPower(rights, { broadcast }) })
    }
  }
  const powerful = admins ?? kept?.admins
  const after: GroupInfo = {
    seq,
    title: found.title,
    about: found.about,
    photo,
    gone,
    members,
    ...(powerful && { admins: powerful }),
  }
  if (before === undefined || events.length > 0) states.setGroup(whole, after, now)
  return events
}

/** Those who had power and have none. */
function demoted(before: readonly number[], now: readonly number[], list: MemberList): RemoteEvent[] {
  const users = before
    .filter((user) => !now.includes(user))
    .map((user) => ({ user: { id: personId(user) }, level: 0 }))
  return users.length === 0 ? [] : [{ ...list, kind: 'power', users }]
}

async function groupNow(session: Session, id: number): Promise<Found> {
  const client = session.live
  if (client === undefined) throw new Error('Telegram is not connected')
  const answer = await client.call({ _: 'messages.getFullChat', chatId: id }, CALL)
  session.view.learn(answer)
  const { fullChat } = answer
  const chat = session.view.chat(id)
  const about = fullChat.about
  const list = fullChat._ === 'chatFull' ? fullChat.participants : undefined
  return {
    title: chat?.title ?? '',
    about,
    chat: chat?._ === 'chat' && chat.left !== true ? chat : undefined,
    participants: list?._ === 'chatParticipants' ? list.participants : undefined,
    complete: true,
  }
}

async function channelNow(session: Session, id: number): Promise<Found> {
  const client = session.live
  const channel = await session.view.channelOf(id)
  if (client === undefined || channel === undefined) throw new Error('Telegram is not connected')
  const known = session.view.channel(id)
  if (known?._ === 'channelForbidden')
    return { title: known.title, about: '', chat: undefined, participants: undefined, complete: false }
  const answer = await client.call({ _: 'channels.getFullChannel', channel }, CALL)
  session.view.learn(answer)
  const now = session.view.channel(id)
  const full = answer.fullChat
  const hidden = full._ !== 'channelFull' || full.canViewParticipants !== true
  const recent = { _: 'channelParticipantsRecent' } as const
  const list = hidden ? undefined : await membersOf(session, channel, recent).catch(() => undefined)
  const complete = list !== undefined && list.count <= list.participants.length
  const admins = complete
    ? undefined
    : await membersOf(session, channel, { _: 'channelParticipantsAdmins' }).catch(() => undefined)
  return {
    title: now?.title ?? '',
    about: full.about,
    chat: now?._ === 'channel' && now.left !== true ? now : undefined,
    participants: list?.participants,
    complete,
    ...(admins && { admins: admins.participants }),
  }
}

async function membersOf(
  session: Session,
  channel: tl.TypeInputChannel,
  filter: tl.TypeChannelParticipantsFilter,
): Promise<{ participants: tl.TypeChannelParticipant[]; count: number } | undefined> {
  const answer = await session.live?.call(
    {
      _: 'channels.getParticipants',
      channel,
      filter,
      offset: 0,
      limit: MOST_MEMBERS,
      hash: Long.ZERO,
    },
    CALL,
  )
  if (answer?._ !== 'channels.channelParticipants') return undefined
  session.view.learn(answer)
  return { participants: answer.participants, count: answer.count }
}

/** Enough to see a difference. */
const short = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16)

/** Times of joining and the like are no change; who is there with which rights is. */
const plainly = (key: string, value: unknown): unknown => (key === 'date' ? undefined : value)
