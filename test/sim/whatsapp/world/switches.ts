import type { Addressing } from './jid.ts'

/**
 * What the real service does here is not known for certain. Each assumption is a switch, which a test can turn at any
 * time; what is in flight keeps what held when it was made.
 */
export type Switches = {
  /** How a direct message names its sender: as its sender named the chat (`mirror`), or always in one form. */
  addressing: 'mirror' | Addressing
  /** Messages carry the sender's other address too (`sender_lid`, `sender_pn`). False: a mapping is learned later. */
  tellsOtherAddress: boolean
  /** `usync` answers with the LID of a phone number. Baileys sends nothing to a number whose LID it can't learn. */
  usyncTellsLid: boolean
  /** How groups made from now on name their members. */
  groupAddressing: Addressing
  /** Receipts name the chat as the message's sender did (`as-sent`), or as its receiver does. */
  receiptAddressing: 'as-sent' | 'as-received'
  /** A read receipt is also told to the reader's other devices. */
  readReceiptsToOwnDevices: boolean
  /** Receipts of type `sender`, between a person's own devices, are passed on. */
  passesSenderReceipts: boolean
  /** A message whose id its sender used before is acknowledged, and not delivered again. */
  dropsRepeatedIds: boolean
  /** The ack of a message that misses devices of the chat carries the right participant hash. */
  tellsPhash: boolean
  /** 463 for a first message to somebody who never wrote, without their trusted-contact token. */
  requiresTrustedContact: boolean
  /** 479 for a `pkmsg` of a companion without the device identity that its phone signed. */
  requiresDeviceIdentity: boolean
  /** Uploaded keys must have the identity that the device was linked with. */
  checksIdentity: boolean
  /** `count` never says fewer. 0 makes Baileys generate 812 keys, which takes seconds. */
  leastPreKeyCount: number
  /** A device with fewer one-time keys left is told. Baileys uploads when it hears less than 5. */
  preKeysLowBelow: number
  /** Stanzas that came while a device was away wait for its `offline_batch`. False: they follow `success` at once. */
  offlineWaitsForBatch: boolean
  /** Seconds after which an undelivered stanza is dropped. */
  retentionSeconds: number
  /** Who changes a group is notified as all members are. */
  notifiesActor: boolean
  /** Who is added to a group hears `create` with all of it; false: `add`, as the others do. */
  addedHearCreate: boolean
  /** When a companion is first seen, its phone shares the app-state keys with it. */
  phoneSharesKeys: boolean
  /** And then sends the history it was given. */
  phoneSendsHistory: boolean
  /** The keys follow the history instead of coming first. */
  keysAfterHistory: boolean
  /** History comes inside its notification; false: as a file at the media host, which Baileys looks for at `mediaName`. */
  inlineHistory: boolean
  /** An app-state answer has at most as many patches; the rest is fetched again. */
  patchesPerAnswer: number
  /** A device that has nothing of a collection gets all of it as a file, and no patches. */
  givesSnapshots: boolean
  /** Companions an account may have. */
  companionLimit: number
  /** People whose privacy setting `last` is `none` show no last seen. */
  hidesLastSeen: boolean
  /** AB props, by their number. 10518: trusted-contact tokens in direct messages, 14303: they are issued to LIDs. */
  props: Readonly<Record<string, string>>
}

export const DEFAULTS: Readonly<Switches> = {
  addressing: 'mirror',
  tellsOtherAddress: true,
  usyncTellsLid: true,
  groupAddressing: 'lid',
  receiptAddressing: 'as-sent',
  readReceiptsToOwnDevices: true,
  passesSenderReceipts: true,
  dropsRepeatedIds: false,
  tellsPhash: true,
  requiresTrustedContact: false,
  requiresDeviceIdentity: true,
  checksIdentity: true,
  leastPreKeyCount: 1,
  preKeysLowBelow: 3,
  offlineWaitsForBatch: true,
  retentionSeconds: 30 * 86_400,
  notifiesActor: true,
  addedHearCreate: true,
  phoneSharesKeys: true,
  phoneSendsHistory: true,
  keysAfterHistory: false,
  inlineHistory: true,
  patchesPerAnswer: 50,
  givesSnapshots: false,
  companionLimit: 4,
  hidesLastSeen: true,
  props: { '10518': 'true', '9666': 'true', '14303': 'false' },
}
