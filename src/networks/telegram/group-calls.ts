import type { tl } from '@mtcute/core'
import type { TelegramCall, TgTarget } from './call.ts'
import type { TgChat } from './ids.ts'
import { nameOfRefusal, refusalOf } from './rpc.ts'
import type { Session } from './session.ts'

const CALL = { timeout: 60_000, floodSleepThreshold: 0 }

type GroupCall = Extract<
  TelegramCall,
  { kind: 'title' | 'about' | 'invite' | 'kick' | 'ban' | 'unban' | 'leave' | 'admin' }
>

/** Changes of a group: basic groups and channels have methods of their own for each. */
export class GroupCalls {
  readonly #session: Session
  readonly #chat: TgChat
  readonly #peer: tl.TypeInputPeer

  constructor(session: Session, chat: TgChat, peer: tl.TypeInputPeer) {
    this.#session = session
    this.#chat = chat
    this.#peer = peer
  }

  /** @throws tl.RpcError, or another error when nobody answers */
  async run(call: GroupCall): Promise<void> {
    const { live: client, view } = this.#session
    if (client === undefined) throw new Error('Telegram is not connected')
    if (call.kind === 'about') {
      await client.call({ _: 'messages.editChatAbout', peer: this.#peer, about: call.about }, CALL)
      return
    }
    const chatId = this.#chat.id
    if (this.#chat.kind === 'chat') {
      const updates = await this.#inGroup(call, chatId)
      if (updates !== undefined) this.#session.feed(updates)
      return
    }
    const channel = await view.channelOf(chatId)
    if (channel === undefined) throw new Error('the channel is not known')
    for (const request of requestsFor(call, channel)) {
      const result = await this.#tolerant(client.call(request, CALL))
      if (result === undefined) continue
      this.#session.feed(
        'updates' in result && result._ === 'messages.invitedUsers' ? result.updates : result,
      )
    }
  }

  async #inGroup(
    call: Exclude<GroupCall, { kind: 'about' }>,
    chatId: number,
  ): Promise<tl.TypeUpdates | undefined> {
    const { live: client } = this.#session
    switch (call.kind) {
      case 'title':
        return client?.call({ _: 'messages.editChatTitle', chatId, title: call.title }, CALL)
      case 'invite': {
        const userId = call.target.input
        return (await client?.call({ _: 'messages.addChatUser', chatId, userId, fwdLimit: 100 }, CALL))
          ?.updates
      }
      case 'kick':
      case 'ban': {
        const gone = client?.call({ _: 'messages.deleteChatUser', chatId, userId: call.target.input }, CALL)
        return gone && this.#tolerant(gone)
      }
      case 'unban':
        return undefined
      case 'leave':
        return client?.call({ _: 'messages.deleteChatUser', chatId, userId: { _: 'inputUserSelf' } }, CALL)
      case 'admin': {
        const isAdmin = call.rights !== undefined
        await client?.call({ _: 'messages.editChatAdmin', chatId, userId: call.target.input, isAdmin }, CALL)
        return undefined
      }
    }
  }

  /** Whoever is gone already is where they should be. */
  async #tolerant<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call
    } catch (error) {
      const refused = refusalOf(error)
      if (refused !== undefined && nameOfRefusal(refused) === 'USER_NOT_PARTICIPANT') return undefined
      throw error
    }
  }
}

type ChannelRequest =
  | tl.channels.RawEditTitleRequest
  | tl.channels.RawInviteToChannelRequest
  | tl.channels.RawEditBannedRequest
  | tl.channels.RawLeaveChannelRequest
  | tl.channels.RawEditAdminRequest

function requestsFor(
  call: Exclude<GroupCall, { kind: 'about' }>,
  channel: tl.TypeInputChannel,
): ChannelRequest[] {
  switch (call.kind) {
    case 'title':
      return [{ _: 'channels.editTitle', channel, title: call.title }]
    case 'invite':
      return [{ _: 'channels.inviteToChannel', channel, users: [call.target.input] }]
    case 'ban':
      return [banned(channel, call.target, true)]
    case 'unban':
      return [banned(channel, call.target, false)]
    case 'kick':
      // Out of the channel is who was banned; without the ban they may come back.
      return [banned(channel, call.target, true), banned(channel, call.target, false)]
    case 'leave':
      return [{ _: 'channels.leaveChannel', channel }]
    case 'admin':
      return [
        {
          _: 'channels.editAdmin',
          channel,
          userId: call.target.input,
          adminRights: call.rights ?? { _: 'chatAdminRights' },
          rank: '',
        },
      ]
  }
}

function banned(
  channel: tl.TypeInputChannel,
  { input }: TgTarget,
  isBanned: boolean,
): tl.channels.RawEditBannedRequest {
  const rights: tl.RawChatBannedRights = {
    _: 'chatBannedRights',
    untilDate: 0,
    ...(isBanned && { viewMessages: true }),
  }
  return { _: 'channels.editBanned', channel, participant: peerOf(input), bannedRights: rights }
}

function peerOf(user: tl.TypeInputUser): tl.TypeInputPeer {
  switch (user._) {
    case 'inputUser':
      return { _: 'inputPeerUser', userId: user.userId, accessHash: user.accessHash }
    case 'inputUserFromMessage':
      return { ...user, _: 'inputPeerUserFromMessage' }
    case 'inputUserSelf':
      return { _: 'inputPeerSelf' }
    default:
      return { _: 'inputPeerEmpty' }
  }
}
