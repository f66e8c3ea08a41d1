import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import type { Node } from '../contract.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { AppState, CollectionName } from './app-state.ts'
import type { Core } from './core.ts'
import { seal } from './media-cipher.ts'
import type { MediaHost } from './media-host.ts'
import type { Action } from './patch-maker.ts'
import { PatchMaker } from './patch-maker.ts'

export type ContactName = { readonly fullName: string; readonly firstName?: string }

export type HistoryChunk = {
  /** what is in it; `syncType` is RECENT when it is not said */
  readonly content: proto.IHistorySync
  readonly order?: number
  /** of the request it answers */
  readonly session?: string
}

/**
 * What a person's phone does besides writing messages: it names contacts, pins and mutes, gives its companions the
 * keys for all this, and its history. The phone itself may be away.
 */
export class PhoneDesk {
  readonly patches: PatchMaker
  /** Sent to each companion when it is first seen. */
  readonly history: HistoryChunk[] = []
  private readonly core: Core
  private readonly account: SimAccount
  private readonly media: MediaHost

  constructor(core: Core, account: SimAccount, appState: AppState, media: MediaHost) {
    this.core = core
    this.account = account
    this.media = media
    this.patches = new PatchMaker(account, appState)
  }

  // --- app state ---

  /** A name in the address book, under the phone number; the LID is told beside it. */
  contact(contact: SimAccount, { fullName, firstName }: ContactName): void {
    const name = { fullName, firstName: firstName ?? fullName.split(' ')[0] ?? fullName }
    const contactAction = { ...name, lidJid: contact.jid('lid'), saveOnPrimaryAddressbook: true }
    this.patches.change('critical_unblock_low', ['contact', contact.jid('pn')], { contactAction }, 2)
  }

  removeContact(contact: SimAccount): void {
    this.patches.change('critical_unblock_low', ['contact', contact.jid('pn')], undefined, 2)
  }

  /** `until` in milliseconds since 1970, -1 for ever; undefined ends it. */
  mute(chat: string, until: number | undefined): void {
    const muteAction = until === undefined ? { muted: false } : { muted: true, muteEndTimestamp: until }
    this.patches.change('regular_high', ['mute', chat], { muteAction }, 2)
  }

  pin(chat: string, pinned: boolean): void {
    this.patches.change('regular_low', ['pin_v1', chat], { pinAction: { pinned } }, 5)
  }

  archive(chat: string, archived: boolean): void {
    this.patches.change('regular_low', ['archive', chat], { archiveChatAction: { archived } }, 3)
  }

  markRead(chat: string, read: boolean): void {
    this.patches.change('regular_low', ['markChatAsRead', chat], { markChatAsReadAction: { read } }, 3)
  }

  star(chat: string, id: string, fromMe: boolean, starred: boolean): void {
    const index = ['star', chat, id, fromMe ? '1' : '0', '0']
    this.patches.change('regular_low', index, { starAction: { starred } }, 2)
  }

  deleteForMe(chat: string, id: string, fromMe: boolean): void {
    const index = ['deleteMessageForMe', chat, id, fromMe ? '1' : '0', '0']
    this.patches.change('regular_high', index, { deleteMessageForMeAction: { deleteMedia: false } }, 3)
  }

  clearChat(chat: string): void {
    this.patches.change('regular_high', ['clearChat', chat, '1', '0'], { clearChatAction: {} }, 6)
  }

  lock(chat: string, locked: boolean): void {
    this.patches.change('regular_low', ['lock', chat], { lockChatAction: { locked } }, 7)
  }

  deleteChat(chat: string): void {
    this.patches.change('regular_high', ['deleteChat', chat, '1'], { deleteChatAction: {} }, 6)
  }

  /** The owner's own push name. */
  pushName(name: string): void {
    this.account.name = name
    this.patches.change('critical_block', ['setting_pushName'], { pushNameSetting: { name } }, 1)
  }

  /** All that holds in a collection, as a file at the media host. Protobuf ExternalBlobReference. */
  snapshot(name: CollectionName): Uint8Array {
    const { bytes, fileLength, ...keys } = seal(this.patches.snapshot(name), 'App State')
    const directPath = this.media.hostlessPath(this.media.store.put(bytes))
    return proto.ExternalBlobReference.encode({ ...keys, directPath, fileSizeBytes: fileLength }).finish()
  }

  /** What holds for an index such as `['mute', chat]`, whichever device set it. */
  value(...index: string[]): Action | undefined {
    return this.patches.values().get(JSON.stringify(index))
  }

  // --- to companions ---

  /** What a companion gets when it is first seen. */
  welcome(device: SimDevice): void {
    const { phoneSharesKeys, phoneSendsHistory, keysAfterHistory } = this.core.switches
    if (phoneSharesKeys && !keysAfterHistory) this.shareKeys(device)
    if (phoneSendsHistory) for (const chunk of this.history) this.sendHistory(device, chunk)
    if (phoneSharesKeys && keysAfterHistory) this.shareKeys(device)
  }

  shareKeys(device: SimDevice): void {
    this.tell(device, this.patches.share())
  }

  /** Inside the notification, or as a file at the media host. */
  sendHistory(device: SimDevice, { content, order, session }: HistoryChunk): void {
    const { RECENT } = proto.HistorySync.HistorySyncType
    const full = { syncType: RECENT, progress: 100, ...content }
    const packed = deflateSync(proto.HistorySync.encode(full).finish())
    const about = {
      syncType: full.syncType,
      progress: full.progress ?? 100,
      chunkOrder: order ?? 1,
      ...(session === undefined ? {} : { peerDataRequestSessionId: session }),
    }
    const historySyncNotification = { ...about, ...this.carried(packed) }
    const type = proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION
    this.tell(device, { protocolMessage: { type, historySyncNotification } })
  }

  /** The addresses of people, as the phone learned them. */
  tellMappings(device: SimDevice, people: readonly SimAccount[]): void {
    const pnToLidMappings = people.map(({ phone, lid }) => ({ pn: Number(phone), assignedLid: Number(lid) }))
    const encodedMappingPayload = proto.LIDMigrationMappingSyncPayload.encode({ pnToLidMappings }).finish()
    const type = proto.Message.ProtocolMessage.Type.LID_MIGRATION_MAPPING_SYNC
    this.tell(device, {
      protocolMessage: { type, lidMigrationMappingSyncMessage: { encodedMappingPayload } },
    })
  }

  private carried(packed: Buffer): proto.Message.IHistorySyncNotification {
    if (this.core.switches.inlineHistory) return { initialHistBootstrapInlinePayload: packed }
    const { bytes, ...keys } = seal(packed, 'History')
    return { ...keys, directPath: this.media.hostlessPath(this.media.store.put(bytes)) }
  }

  /** Baileys takes what comes from the own account in plain text, which spares the phone a session. */
  private tell(device: SimDevice, message: proto.IMessage): void {
    const attrs = {
      from: this.account.jid('pn'),
      id: randomBytes(8).toString('hex').toUpperCase(),
      type: 'text',
      category: 'peer',
      t: String(this.core.now()),
    }
    const plaintext: Node = {
      tag: 'plaintext',
      attrs: {},
      content: Buffer.from(proto.Message.encode(message).finish()),
    }
    device.mailbox.deliver({ tag: 'message', attrs, content: [plaintext] })
  }
}
