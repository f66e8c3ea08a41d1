import { randomBytes } from 'node:crypto'
import { CustomFile } from 'telegram/client/uploads.js'
import { Api } from 'telegram'
import type { TelegramClient } from 'telegram'
import type { PhoneChat } from './directory.ts'
import { Directory } from './directory.ts'
import { gram, gramLong } from './gram.ts'
import type { ServerAddress } from './server.ts'

export type TextOptions = {
  readonly replyTo?: number
  /** A forum's topic. */
  readonly topic?: number
  readonly silent?: boolean
  readonly entities?: Api.TypeMessageEntity[]
  /** Not 0; a random one if not given. */
  readonly randomId?: bigint
}

export type FileOptions = {
  readonly name: string
  readonly caption?: string
  readonly replyTo?: number
  readonly topic?: number
  /** As a file, even if it is a picture. */
  readonly asDocument?: boolean
  readonly voice?: boolean
  readonly attributes?: Api.TypeDocumentAttribute[]
}

export type PollOptions = {
  readonly question: string
  readonly answers: readonly string[]
  readonly multiple?: boolean
  readonly publicVoters?: boolean
  /** The index of the right answer makes it a quiz. */
  readonly right?: number
}

/** Where a phone can log in without a code. */
export type PhoneServer = ServerAddress & { preauth(account: { readonly id: bigint }): Uint8Array }

const randomId = () => gramLong(randomBytes(8).readBigInt64LE(0) | 1n)

const plainText = (text: string) => new Api.TextWithEntities({ text, entities: [] })

function newId(answer: Api.TypeUpdates): number {
  if (answer instanceof Api.UpdateShortSentMessage) return answer.id
  const updates = 'updates' in answer ? answer.updates : []
  const [given] = updates.filter((update) => update instanceof Api.UpdateMessageID)
  if (given === undefined) throw new Error(`the answer names no message: ${answer.className}`)
  return given.id
}

/**
 * The contact's phone: GramJS, an implementation of Telegram that has nothing in common with the bridge's. It misses
 * updates, so look at what it fetches, not at events. Errors are GramJS's RPCError with the server's `errorMessage`.
 */
export class Phone {
  readonly client: TelegramClient
  private readonly directory: Directory

  private constructor(client: TelegramClient) {
    this.client = client
    this.directory = new Directory(client)
  }

  static async connect(server: PhoneServer, account: { readonly id: bigint }): Promise<Phone> {
    const client = await gram(server, { authKey: server.preauth(account) })
    await client.connect()
    return new Phone(client)
  }

  async close(): Promise<void> {
    await this.client.destroy()
  }

  invoke<R extends Api.AnyRequest>(request: R): Promise<R['__response']> {
    return this.client.invoke(request)
  }

  /** The peer with this login's access hash. Rejects if the login can't see it. */
  peer(chat: PhoneChat): Promise<Api.TypeInputPeer> {
    return this.directory.peer(chat)
  }

  /** @returns the new message's id in this account's numbering */
  async sendText(chat: PhoneChat, message: string, options: TextOptions = {}): Promise<number> {
    const { silent, entities } = options
    const answer = await this.client.invoke(
      new Api.messages.SendMessage({
        peer: await this.peer(chat),
        message,
        randomId: options.randomId === undefined ? randomId() : gramLong(options.randomId),
        ...this.reply(options),
        ...(silent === undefined ? {} : { silent }),
        ...(entities === undefined ? {} : { entities }),
      }),
    )
    return newId(answer)
  }

  /** A picture, a video, a voice note or any other file; what it is goes by its name and the options. */
  async sendFile(chat: PhoneChat, bytes: Buffer, options: FileOptions): Promise<number> {
    const { name, caption, asDocument, voice, attributes, topic } = options
    const replyTo = options.replyTo ?? topic
    const message = await this.client.sendFile(await this.peer(chat), {
      file: new CustomFile(name, bytes.length, '', bytes),
      forceDocument: asDocument ?? false,
      ...(caption === undefined ? {} : { caption }),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(topic === undefined ? {} : { topMsgId: topic }),
      ...(voice === undefined ? {} : { voiceNote: voice }),
      ...(attributes === undefined ? {} : { attributes }),
    })
    return message.id
  }

  /** Pictures or files as one album; the caption goes with the first. */
  async sendAlbum(chat: PhoneChat, files: readonly [string, Buffer][], caption = ''): Promise<void> {
    await this.client.sendFile(await this.peer(chat), {
      file: files.map(([name, bytes]) => new CustomFile(name, bytes.length, '', bytes)),
      caption: [caption, ...files.slice(1).map(() => '')],
    })
  }

  async sendPoll(chat: PhoneChat, poll: PollOptions): Promise<number> {
    const { question, answers, multiple = false, publicVoters = false, right } = poll
    const option = (i: number) => Buffer.of(i)
    const media = new Api.InputMediaPoll({
      poll: new Api.Poll({
        id: randomId(),
        question: plainText(question),
        answers: answers.map((text, i) => new Api.PollAnswer({ text: plainText(text), option: option(i) })),
        multipleChoice: multiple,
        publicVoters,
        quiz: right !== undefined,
      }),
      ...(right === undefined ? {} : { correctAnswers: [option(right)] }),
    })
    const peer = await this.peer(chat)
    return newId(
      await this.client.invoke(
        new Api.messages.SendMedia({ peer, media, message: '', randomId: randomId() }),
      ),
    )
  }

  /** Votes by the answers' places; none takes the vote back. */
  async vote(chat: PhoneChat, msgId: number, ...answers: number[]): Promise<void> {
    const { poll } = await this.poll(chat, msgId)
    const options = answers.map((i) => poll.answers[i]?.option ?? Buffer.alloc(0))
    await this.client.invoke(new Api.messages.SendVote({ peer: await this.peer(chat), msgId, options }))
  }

  async closePoll(chat: PhoneChat, id: number): Promise<void> {
    const { poll } = await this.poll(chat, id)
    poll.closed = true
    const media = new Api.InputMediaPoll({ poll })
    await this.client.invoke(new Api.messages.EditMessage({ peer: await this.peer(chat), id, media }))
  }

  /** Replaces all own reactions; none takes them back. */
  async react(chat: PhoneChat, msgId: number, ...emojis: string[]): Promise<void> {
    const reaction = emojis.map((emoticon) => new Api.ReactionEmoji({ emoticon }))
    await this.client.invoke(
      new Api.messages.SendReaction({ peer: await this.peer(chat), msgId, reaction, addToRecent: true }),
    )
  }

  async edit(
    chat: PhoneChat,
    id: number,
    message: string,
    entities?: Api.TypeMessageEntity[],
  ): Promise<void> {
    await this.client.invoke(
      new Api.messages.EditMessage({
        peer: await this.peer(chat),
        id,
        message,
        ...(entities === undefined ? {} : { entities }),
      }),
    )
  }

  async remove(chat: PhoneChat, ...ids: number[]): Promise<void> {
    await this.client.deleteMessages(await this.peer(chat), ids, { revoke: true })
  }

  /** Reads up to a message, or everything. */
  async read(chat: PhoneChat, maxId = 0): Promise<void> {
    const peer = await this.peer(chat)
    if (peer instanceof Api.InputPeerChannel) {
      const channel = new Api.InputChannel({ channelId: peer.channelId, accessHash: peer.accessHash })
      await this.client.invoke(new Api.channels.ReadHistory({ channel, maxId }))
    } else await this.client.invoke(new Api.messages.ReadHistory({ peer, maxId }))
  }

  async typing(chat: PhoneChat, topic?: number): Promise<void> {
    await this.client.invoke(
      new Api.messages.SetTyping({
        peer: await this.peer(chat),
        action: new Api.SendMessageTypingAction(),
        ...(topic === undefined ? {} : { topMsgId: topic }),
      }),
    )
  }

  async pin(chat: PhoneChat, id: number, pinned = true): Promise<void> {
    await this.client.invoke(
      new Api.messages.UpdatePinnedMessage({ peer: await this.peer(chat), id, unpin: !pinned }),
    )
  }

  async forward(from: PhoneChat, to: PhoneChat, ...ids: number[]): Promise<void> {
    await this.client.invoke(
      new Api.messages.ForwardMessages({
        fromPeer: await this.peer(from),
        toPeer: await this.peer(to),
        id: ids,
        randomId: ids.map(randomId),
      }),
    )
  }

  /** The last messages, oldest first, service messages too. */
  async history(chat: PhoneChat, limit = 100): Promise<(Api.Message | Api.MessageService)[]> {
    const answer = await this.client.invoke(
      new Api.messages.GetHistory({ peer: await this.peer(chat), limit, hash: gramLong(0n) }),
    )
    if (!('messages' in answer)) return []
    return answer.messages
      .filter((message) => message instanceof Api.Message || message instanceof Api.MessageService)
      .reverse()
  }

  /** The texts of the last messages, oldest first. */
  async texts(chat: PhoneChat, limit = 100): Promise<string[]> {
    const messages = await this.history(chat, limit)
    return messages.flatMap((message) => (message instanceof Api.Message ? [message.message] : []))
  }

  async message(chat: PhoneChat, id: number): Promise<Api.Message | undefined> {
    const found = (await this.history(chat)).find((message) => message.id === id)
    return found instanceof Api.Message ? found : undefined
  }

  /** The file of a message. */
  async download(chat: PhoneChat, id: number): Promise<Buffer> {
    const message = await this.message(chat, id)
    const bytes =
      message?.media === undefined ? undefined : await this.client.downloadMedia(message.media, {})
    if (!Buffer.isBuffer(bytes)) throw new Error(`message ${id} has no file`)
    return bytes
  }

  private async poll(chat: PhoneChat, id: number): Promise<Api.MessageMediaPoll> {
    const media = (await this.message(chat, id))?.media
    if (!(media instanceof Api.MessageMediaPoll)) throw new Error(`message ${id} is no poll`)
    return media
  }

  private reply({ replyTo, topic }: TextOptions): { replyTo?: Api.InputReplyToMessage } {
    const replyToMsgId = replyTo ?? topic
    if (replyToMsgId === undefined) return {}
    const inTopic = replyTo === undefined || topic === undefined ? {} : { topMsgId: topic }
    return { replyTo: new Api.InputReplyToMessage({ replyToMsgId, ...inTopic }) }
  }
}
