import { proto } from '@whiskeysockets/baileys'
import type { BaileysEventMap, WAMessage, WAMessageKey } from '@whiskeysockets/baileys'
import { remoteUserId } from '../../model/ids.ts'
import { votedOptions } from '../../networks/whatsapp/from-poll.ts'
import { isGroup, toChatId } from '../../networks/whatsapp/ids.ts'
import { numberOf, timeOf } from '../../networks/whatsapp/numbers.ts'
import { contextOf, unwrap } from '../../networks/whatsapp/unwrap.ts'
import { openVote } from '../../networks/whatsapp/votes.ts'
import type { SimAccount } from '../../../test/sim/whatsapp/world/account.ts'
import { memberAt } from './people.ts'
import type { People } from './people.ts'
import { Typing } from './typing.ts'

type Seen =
  | { readonly [Name in keyof BaileysEventMap]: { name: Name; data: BaileysEventMap[Name] } }[
      'messages.upsert' | 'messages.update' | 'message-receipt.update' | 'presence.update']
  | { name: string; data: unknown }

/** A message as a phone has it, with all that was done to it since. */
export type Said = {
  readonly message: WAMessage
  readonly id: string
  readonly author: SimAccount
  readonly at: number
  content: proto.IMessage
  /** What it answers, also after an edit. */
  readonly context: proto.IContextInfo | undefined
  edited: boolean
  deleted: boolean
  readonly reactions: Map<SimAccount, string>
  /** The hashes of the answers that somebody chose. */
  readonly votes: Map<SimAccount, readonly string[]>
  /** A device of somebody else has it. */
  arrived: boolean
  readonly readers: Set<SimAccount>
  /** Each is a message of its own. */
  readonly changes: { by: SimAccount; id: string }[]
}

const ARRIVED: number = proto.WebMessageInfo.Status.DELIVERY_ACK
const READ: number = proto.WebMessageInfo.Status.READ
const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

/** What a phone shows, made of what its client tells. */
export class Memory {
  readonly typing = new Typing()
  readonly #people: People
  readonly #owner: SimAccount
  /** By the conversation: the address of a group, the number of a contact. */
  readonly #chats = new Map<string, Map<string, Said>>()

  constructor(people: People, owner: SimAccount) {
    this.#people = people
    this.#owner = owner
  }

  /** Oldest first. */
  in(chat: string): Said[] {
    return [...(this.#chats.get(chat)?.values() ?? [])]
  }

  find(chat: string, id: string): Said | undefined {
    return this.#chats.get(chat)?.get(id)
  }

  take(event: Seen): void {
    if (isOf(event, 'messages.upsert')) for (const message of event.data.messages) this.#message(message)
    if (isOf(event, 'messages.update'))
      for (const { key, update } of event.data) this.#status(this.#said(key), numberOf(update.status) ?? 0)
    if (isOf(event, 'message-receipt.update'))
      for (const { key, receipt } of event.data) this.#receipt(this.#said(key), receipt)
    if (isOf(event, 'presence.update')) this.#presence(event.data)
  }

  /** Somebody has voted, or with no answer taken their vote back. */
  voted(said: Said, by: SimAccount, options: readonly string[]): void {
    if (options.length === 0) said.votes.delete(by)
    else said.votes.set(by, options)
  }

  #message(message: WAMessage): void {
    const { key } = message
    const chat = this.#chatOf(key)
    const author = this.#authorOf(key)
    const content = message.message ? unwrap(message.message).content : {}
    if (chat === undefined || author === undefined || !key.id) return
    const { reactionMessage, pollUpdateMessage, protocolMessage } = content
    const target = (reactionMessage?.key ?? pollUpdateMessage?.pollCreationMessageKey ?? protocolMessage?.key)
      ?.id
    const about = target ? this.find(chat, target) : undefined
    about?.changes.push({ by: author, id: key.id })
    if (reactionMessage) {
      if (reactionMessage.text) about?.reactions.set(author, reactionMessage.text)
      else about?.reactions.delete(author)
    } else if (pollUpdateMessage?.vote) {
      if (about !== undefined) this.#vote(about, author, pollUpdateMessage.vote)
    } else if (protocolMessage) {
      if (about?.author === author) change(about, protocolMessage)
    } else if (message.message || message.messageStubType) this.#keep(chat, message, author, content)
  }

  #keep(chat: string, message: WAMessage, author: SimAccount, content: proto.IMessage): void {
    const id = message.key.id ?? ''
    const known = this.find(chat, id)
    const said = known ?? {
      message,
      id,
      author,
      at: timeOf(message.messageTimestamp, new Date()).getTime(),
      content,
      context: contextOf(content),
      edited: false,
      deleted: false,
      reactions: new Map(),
      votes: new Map(),
      arrived: false,
      readers: new Set(),
      changes: [],
    }
    this.typing.ended(chat, author)
    this.#status(said, numberOf(message.status) ?? 0)
    for (const receipt of message.userReceipt ?? []) this.#receipt(said, receipt)
    if (known !== undefined) return
    const all = this.#chats.get(chat) ?? new Map<string, Said>()
    this.#chats.set(chat, all)
    all.set(id, said)
  }

  #vote(said: Said, by: SimAccount, vote: proto.Message.IPollEncValue): void {
    const addresses = (account: SimAccount) =>
      (['lid', 'pn'] as const).map((form) => remoteUserId(account.jid(form)))
    const secret = said.content.messageContextInfo?.messageSecret ?? new Uint8Array()
    const opened = openVote({ secret, creators: addresses(said.author) }, vote, said.id, addresses(by))
    if (opened !== undefined) this.voted(said, by, votedOptions(opened.selectedOptions))
  }

  /** In a direct chat the contact's devices are all that can have it. */
  #status(said: Said | undefined, status: number): void {
    if (said === undefined || said.author !== this.#owner) return
    said.arrived ||= status >= ARRIVED
    const { remoteJid } = said.message.key
    const contact = memberAt(this.#people, remoteJid)
    if (status >= READ && contact !== undefined) said.readers.add(contact)
  }

  #receipt(said: Said | undefined, receipt: proto.IUserReceipt): void {
    const by = memberAt(this.#people, receipt.userJid)
    if (said === undefined || by === undefined || by === this.#owner) return
    said.arrived = true
    if ((numberOf(receipt.readTimestamp) ?? 0) > 0) said.readers.add(by)
  }

  #presence({ id, presences }: BaileysEventMap['presence.update']): void {
    const chat = this.#chatOf({ remoteJid: id })
    for (const [jid, { lastKnownPresence }] of Object.entries(presences)) {
      const by = memberAt(this.#people, jid)
      if (chat === undefined || by === undefined || by === this.#owner) continue
      if (lastKnownPresence === 'composing') this.typing.began(chat, by)
      else this.typing.ended(chat, by)
    }
  }

  #said(key: WAMessageKey): Said | undefined {
    const chat = this.#chatOf(key)
    return chat === undefined || !key.id ? undefined : this.find(chat, key.id)
  }

  #chatOf({ remoteJid }: WAMessageKey): string | undefined {
    const chat = toChatId(remoteJid)
    return chat !== undefined && isGroup(chat) ? chat : memberAt(this.#people, remoteJid)?.phone
  }

  #authorOf({ fromMe, participant, remoteJid }: WAMessageKey): SimAccount | undefined {
    return fromMe === true ? this.#owner : memberAt(this.#people, participant || remoteJid)
  }
}

function change(said: Said, { type, editedMessage }: proto.Message.IProtocolMessage): void {
  // Protobuf leaves out what is 0, and that is the removal.
  if ((type ?? REVOKE) === REVOKE) said.deleted = true
  if (type !== MESSAGE_EDIT || !editedMessage) return
  const { messageContextInfo } = said.content
  said.content = { ...unwrap(editedMessage).content, ...(messageContextInfo && { messageContextInfo }) }
  said.edited = true
}

function isOf<Name extends keyof BaileysEventMap>(
  event: { name: string; data: unknown },
  name: Name,
): event is { name: Name; data: BaileysEventMap[Name] } {
  return event.name === name
}
