import { InspIrcd } from '../servers/inspircd.ts'
import { NgIrcd } from '../servers/ngircd.ts'

/** A server, and in which words its people read what it cannot show as such. */
export interface Tier {
  readonly name: string
  start(): Promise<InspIrcd | NgIrcd>
  /** Whether people of this server can answer and react, so that it crosses to Matrix as well. */
  readonly tags: boolean
  /** What bob reads when alice answers somebody else, or herself. */
  reply(to: string, parent: string, text: string): string
  emoteReply(to: string, parent: string, text: string): string
  replyToSelf(parent: string, text: string): string
  reaction(key: string, parent: string): string
  reactionTakenBack(key: string, parent: string): string
  /** What the room is told, once, when a reaction goes in words. */
  readonly reactionNote: readonly string[]
}

export const inspircd: Tier = {
  name: 'InspIRCd with all its IRCv3 modules',
  start: () => InspIrcd.start({ flood: 'load' }),
  tags: true,
  reply: (_to, parent, text) => `<alice> ↪ "${parent}" ${text}`,
  emoteReply: (_to, parent, text) => `* alice ↪ "${parent}" ${text}`,
  replyToSelf: (parent, text) => `<alice> ↪ "${parent}" ${text}`,
  reaction: (key, parent) => `alice reacts ${key} to "${parent}"`,
  reactionTakenBack: (key, parent) => `alice takes ${key} back from "${parent}"`,
  reactionNote: [],
}

export const ngircd: Tier = {
  name: 'ngIRCd, which has none of them',
  start: () => NgIrcd.start({ unlimited: true }),
  tags: false,
  reply: (to, _parent, text) => `<alice> ${to}: ${text}`,
  emoteReply: (to, _parent, text) => `* alice ${text} (to ${to})`,
  replyToSelf: (parent, text) => `<alice> "${parent}" <- ${text}`,
  reaction: (key, parent) => `* alice reacted ${key} to "${parent}"`,
  reactionTakenBack: (key, parent) => `* alice removed the reaction ${key} from "${parent}"`,
  reactionNote: ['This IRC network cannot show reactions as such: it was told in words.'],
}
