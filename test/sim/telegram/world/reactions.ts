import type { TlObject } from '../contract.ts'
import type { Account } from './account.ts'

export type Reaction = { kind: 'emoji'; emoji: string } | { kind: 'custom'; document: bigint }

/** Who reacted with what, in the order of the latest changes. */
export type ReactionSet = Map<Account, { reactions: readonly Reaction[]; date: number; big: boolean }>

/** Which reactions a chat allows. */
export type AllowedReactions = 'all' | 'none' | readonly Reaction[]

/** What everyone may react with (`messages.getAvailableReactions`). */
export const AVAILABLE: readonly string[] = [
  '❤',
  '👍',
  '👎',
  '🔥',
  '🥰',
  '👏',
  '😁',
  '🤔',
  '🤯',
  '😱',
  '🤬',
  '😢',
  '🎉',
  '🤩',
  '🤮',
  '💩',
  '🙏',
  '👌',
  '🕊',
  '🤡',
  '🥱',
  '🥴',
  '😍',
  '🐳',
  '❤‍🔥',
  '🌚',
  '🌭',
  '💯',
  '🤣',
  '⚡',
  '🍌',
  '🏆',
  '💔',
  '🤨',
  '😐',
  '🍓',
  '🍾',
  '💋',
  '🖕',
  '😈',
  '😴',
  '😭',
  '🤓',
  '👻',
  '👨‍💻',
  '👀',
  '🎃',
  '🙈',
  '😇',
  '😨',
  '🤝',
  '✍',
  '🤗',
  '🫡',
  '🎅',
  '🎄',
  '☃',
  '💅',
  '🤪',
  '🗿',
  '🆒',
  '💘',
  '🙉',
  '🦄',
  '😘',
  '💊',
  '🙊',
  '😎',
  '👾',
  '🤷‍♂',
  '🤷',
  '🤷‍♀',
  '😡',
]

export const reactionTl = (reaction: Reaction): TlObject =>
  reaction.kind === 'emoji'
    ? { _: 'reactionEmoji', emoticon: reaction.emoji }
    : { _: 'reactionCustomEmoji', document_id: reaction.document }

export const reactionKey = (reaction: Reaction): string =>
  reaction.kind === 'emoji' ? reaction.emoji : `custom:${reaction.document}`

export const sameReactions = (a: readonly Reaction[], b: readonly Reaction[]): boolean =>
  a.length === b.length &&
  a.every((one, i) => reactionKey(one) === reactionKey(b[i] ?? one) && b[i] !== undefined)

/** Reactions of a message with how often they were chosen, the most frequent first. */
export function counted(set: ReactionSet): { reaction: Reaction; count: number }[] {
  const counts = new Map<string, { reaction: Reaction; count: number }>()
  for (const { reactions } of set.values()) {
    for (const reaction of reactions) {
      const known = counts.get(reactionKey(reaction)) ?? { reaction, count: 0 }
      known.count++
      counts.set(reactionKey(reaction), known)
    }
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)
}
