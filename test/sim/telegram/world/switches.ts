/**
 * What this server assumes of the real service where that was not seen, or differs from case to case. Each may be
 * changed at any time, also while clients are connected.
 */
export type Switches = {
  /** Users, basic groups and channels have the same ids, as their ranges overlap on the real service. */
  overlapIds: boolean
  /** An access hash is good for one login only; else for all logins of an account. */
  hashPerLogin: boolean
  /** `from_id` is optional in private chats: left out never, always, or in every second message. */
  directFromId: 'always' | 'never' | 'alternating'
  /** Plain text is pushed as `updateShortMessage` and `updateShortChatMessage`. */
  shortPushes: boolean
  /** A text sent to a private chat is answered with `updateShortSentMessage`. */
  shortReplies: boolean
  /** A repeated random_id: answered with the first result, or 500 RANDOM_ID_DUPLICATE (always, or for the first repeat). */
  duplicate: 'replay' | 'inProgress' | 'inProgressOnce'
  /** `updateMessageID` comes again through the difference, to the account that sent. */
  messageIdInDifference: boolean
  /** Most events in one difference of an account. */
  differenceSlice: number
  /** Most events in one difference of a channel; the client's limit holds too. */
  channelDifferenceSlice: number
  /** Events kept per account; who is further behind gets `differenceTooLong`. */
  accountBoxSize: number
  /** Events kept per channel. */
  channelBoxSize: number
  /** The difference names channels that moved while this login was away (`updateChannelTooLong`). */
  signalChannels: boolean
  /** What a login was sent in the last so many seconds before it went away counts as not arrived. */
  ackSeconds: number
  /** Seconds after which clients ask again for a channel's difference. */
  channelTimeout: number
  /** In channels and supergroups reactions are pushed to all members, or to the author of the message only. */
  channelReactions: 'all' | 'author'
  /** A reaction in a private chat or basic group also comes as an edit with `edit_hide`, which has a pts. */
  reactionAsEdit: boolean
  /** How many of a message's latest reactions are named in it. */
  recentReactions: number
  /** Several reactions of an account that may have one: refused, or the last one counts. */
  tooManyReactions: 'reject' | 'keepLast'
  /** Results of polls are pushed without the viewer's own choice (`min`). */
  minPollResults: boolean
  /** `updateMessagePoll` carries `peer` and `msg_id`. */
  pollPeer: boolean
  /** The option bytes that the server gives to new poll answers. */
  pollOptions: 'digits' | 'random'
  /** The server finds links, mentions, hashtags and addresses in a text itself. */
  autoEntities: boolean
  /** People who are neither contacts nor partners of a private chat are `min` in pushes. */
  minUsers: boolean
  /** Phone numbers are shown to everyone; else only to those who have the number in their contacts. */
  phonesVisible: boolean
  /** Seconds in which an own message may be edited. */
  editTimeLimit: number
  /** Seconds in which the readers of a message in a group can be asked for. */
  readParticipantsPeriod: number
  /** Members up to which readers of a message are told. */
  readParticipantsLimit: number
  /** A basic group holds no more members. */
  groupSize: number
}

export const defaultSwitches = (): Switches => ({
  overlapIds: true,
  hashPerLogin: true,
  directFromId: 'alternating',
  shortPushes: false,
  shortReplies: false,
  duplicate: 'replay',
  messageIdInDifference: true,
  differenceSlice: 100,
  channelDifferenceSlice: 100,
  accountBoxSize: 5_000_000,
  channelBoxSize: 100_000,
  signalChannels: true,
  ackSeconds: 60,
  channelTimeout: 30,
  channelReactions: 'all',
  reactionAsEdit: false,
  recentReactions: 3,
  tooManyReactions: 'reject',
  minPollResults: true,
  pollPeer: true,
  pollOptions: 'digits',
  autoEntities: true,
  minUsers: false,
  phonesVisible: false,
  editTimeLimit: 172_800,
  readParticipantsPeriod: 604_800,
  readParticipantsLimit: 100,
  groupSize: 200,
})
