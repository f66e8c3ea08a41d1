import { tl } from '@mtcute/core'
import type { AccountView } from './account-view.ts'
import { uploaded, uploadedPicture } from './attach.ts'
import type { TelegramCall } from './call.ts'
import { createsMessage } from './call.ts'
import { GroupCalls } from './group-calls.ts'
import { messagesByNumber } from './media-place.ts'
import { verdictOf } from './errors.ts'
import type { TgChat } from './ids.ts'
import { NO_REACTIONS, withReactions } from './reactions.ts'
import { refusalOf } from './rpc.ts'
import type { Session } from './session.ts'
import { optionId } from './from-poll.ts'
import { withVote } from './polls.ts'
import { GENERAL_TOPIC } from './ids.ts'

const CALL = { timeout: 60_000, floodSleepThreshold: 0 }

type Other = Exclude<TelegramCall, { kind: 'text' | 'upload' | 'media' }>

/** Calls that make no message: they can be repeated as they are. */
export class Performer {
  readonly #session: Session
  readonly #view: AccountView
  readonly #chat: TgChat
  readonly #peer: tl.TypeInputPeer
  readonly #signal: AbortSignal

  constructor(session: Session, chat: TgChat, peer: tl.TypeInputPeer, signal: AbortSignal) {
    this.#session = session
    this.#view = session.view
    this.#chat = chat
    this.#peer = peer
    this.#signal = signal
  }

  /** @throws tl.RpcError for a refusal that changes anything; ViaductError; anything else when nobody answers */
  async run(call: TelegramCall): Promise<void> {
    if (createsMessage(call)) throw new Error('a message is sent in another way')
    try {
      await this.#run(call)
    } catch (error) {
      const refused = refusalOf(error)
      if (refused === undefined || verdictOf(refused).kind !== 'done') throw error
    }
  }

  #run(call: Other): Promise<void> {
    switch (call.kind) {
      case 'edit':
        return this.#edit(call)
      case 'move':
        return this.#move(call)
      case 'delete':
        return this.#delete(call.numbers)
      case 'react':
        return this.#react(call)
      case 'vote':
        return this.#vote(call.n, call.options)
      case 'close-poll':
        return this.#closePoll(call.n)
      case 'pin':
        return this.#feed({
          _: 'messages.updatePinnedMessage',
          peer: this.#peer,
          id: call.n,
          silent: true,
          ...(!call.pinned && { unpin: true }),
        })
      case 'topic-title':
        return this.#feed({
          _: 'messages.editForumTopic',
          peer: this.#peer,
          topicId: call.topic,
          title: call.title,
        })
      case 'settings':
        return this.#settings(call.settings)
      case 'photo':
        return this.#photo(call)
      default:
        return new GroupCalls(this.#session, this.#chat, this.#peer).run(call)
    }
  }

  async #feed(request: Feeding): Promise<void> {
    const client = this.#live()
    const updates = await client.call(request, { ...CALL, abortSignal: this.#signal })
    this.#session.feed(updates)
  }

  #live() {
    const { live } = this.#session
    if (live === undefined) throw new Error('Telegram is not connected')
    return live
  }

  async #edit({ n, text, upload, noPreview }: Extract<Other, { kind: 'edit' }>): Promise<void> {
    const media = upload && (await uploaded(this.#session, upload, this.#signal))
    await this.#feed({
      _: 'messages.editMessage',
      peer: this.#peer,
      id: n,
      message: text.text,
      ...(text.entities.length > 0 && { entities: text.entities }),
      ...(media && { media }),
      ...(noPreview && { noWebpage: true }),
    })
  }

  /** One that is over, by its time or by an attempt whose answer was lost, moves no more and need not be ended. */
  async #move({ n, media }: Extract<Other, { kind: 'move' }>): Promise<void> {
    try {
      await this.#feed({ _: 'messages.editMessage', peer: this.#peer, id: n, media })
    } catch (error) {
      if (!tl.RpcError.is(error, 'MESSAGE_EDIT_TIME_EXPIRED')) throw error
    }
  }

  async #delete(numbers: number[]): Promise<void> {
    const channel = this.#chat.kind === 'channel' ? await this.#view.channelOf(this.#chat.id) : undefined
    const { pts, ptsCount } =
      channel === undefined
        ? await this.#live().call({ _: 'messages.deleteMessages', id: numbers, revoke: true }, CALL)
        : await this.#live().call({ _: 'channels.deleteMessages', channel, id: numbers }, CALL)
    this.#session.feedPts(pts, ptsCount, channel === undefined ? 0 : this.#chat.id)
  }

  /** What was set is known before the answer is read, which tells it as a change. */
  async #react({ n, reactions, keys }: Extract<Other, { kind: 'react' }>): Promise<void> {
    const { states, host, account } = this.#session
    const updates = await this.#live().call(
      { _: 'messages.sendReaction', peer: this.#peer, msgId: n, reaction: reactions },
      CALL,
    )
    const before = (await states?.reactions(this.#chat, n)) ?? NO_REACTIONS
    await states?.setReactions(this.#chat, n, withReactions(before, account, keys), host.clock.now())
    await states?.save()
    this.#session.feed(updates)
  }

  async #vote(n: number, options: Uint8Array[]): Promise<void> {
    const { states, host, account } = this.#session
    const id = await states?.pollIn(this.#chat, n)
    const poll = id === undefined ? undefined : await states?.poll(id)
    const wanted = options.map(optionId)
    let updates: tl.TypeUpdates | undefined
    try {
      updates = await this.#live().call({ _: 'messages.sendVote', peer: this.#peer, msgId: n, options }, CALL)
    } catch (error) {
      // An earlier attempt at the same vote was counted.
      const same = poll?.state.votes[`user:${account}`]?.toSorted().join() === wanted.toSorted().join()
      if (!tl.RpcError.is(error, 'REVOTE_NOT_ALLOWED') || !same) throw error
    }
    if (id !== undefined && poll !== undefined) {
      states?.setPoll(id, { ...poll, state: withVote(poll.state, account, wanted) }, host.clock.now())
      await states?.save()
    }
    if (updates !== undefined) this.#session.feed(updates)
  }

  async #closePoll(n: number): Promise<void> {
    const [message] = await messagesByNumber(this.#live(), this.#view, this.#chat, [n])
    const media = message?._ === 'message' ? message.media : undefined
    if (media?._ !== 'messageMediaPoll') throw new tl.RpcError(400, 'MESSAGE_ID_INVALID')
    if (media.poll.closed === true) return
    const poll: tl.RawPoll = { ...media.poll, closed: true }
    await this.#feed({
      _: 'messages.editMessage',
      peer: this.#peer,
      id: n,
      media: { _: 'inputMediaPoll', poll },
    })
  }

  async #photo({ upload }: Extract<Other, { kind: 'photo' }>): Promise<void> {
    const photo: tl.TypeInputChatPhoto =
      upload === undefined
        ? { _: 'inputChatPhotoEmpty' }
        : await uploadedPicture(this.#session, upload, this.#signal)
    if (this.#chat.kind === 'chat')
      return this.#feed({ _: 'messages.editChatPhoto', chatId: this.#chat.id, photo })
    const channel = await this.#view.channelOf(this.#chat.id)
    if (channel !== undefined) await this.#feed({ _: 'channels.editPhoto', channel, photo })
  }

  async #settings({
    mute,
    archived,
    unread,
    favourite,
  }: Extract<Other, { kind: 'settings' }>['settings']): Promise<void> {
    const client = this.#live()
    const peer = this.#peer
    const topic = this.#chat.topic
    const dialog: tl.RawInputDialogPeer = { _: 'inputDialogPeer', peer }
    if (mute !== undefined) {
      const muteUntil =
        mute === 'off' ? 0 : mute === 'forever' ? 2 ** 31 - 1 : Math.floor(mute.untilMs / 1000)
      const of: tl.TypeInputNotifyPeer =
        topic === undefined || topic === GENERAL_TOPIC
          ? { _: 'inputNotifyPeer', peer }
          : { _: 'inputNotifyForumTopic', peer, topMsgId: topic }
      const settings: tl.RawInputPeerNotifySettings = { _: 'inputPeerNotifySettings', muteUntil }
      await client.call({ _: 'account.updateNotifySettings', peer: of, settings }, CALL)
    }
    if (archived !== undefined) {
      const folderPeers: tl.RawInputFolderPeer[] = [
        { _: 'inputFolderPeer', peer, folderId: archived ? 1 : 0 },
      ]
      await this.#feed({ _: 'folders.editPeerFolders', folderPeers })
    }
    if (unread !== undefined) {
      await client.call(
        { _: 'messages.markDialogUnread', peer: dialog, ...(unread && { unread: true }) },
        CALL,
      )
    }
    if (favourite !== undefined) {
      await client.call(
        { _: 'messages.toggleDialogPin', peer: dialog, ...(favourite && { pinned: true }) },
        CALL,
      )
    }
  }
}

type Feeding =
  | tl.messages.RawUpdatePinnedMessageRequest
  | tl.messages.RawEditForumTopicRequest
  | tl.messages.RawEditMessageRequest
  | tl.messages.RawEditChatPhotoRequest
  | tl.channels.RawEditPhotoRequest
  | tl.folders.RawEditPeerFoldersRequest
