import type { tl } from '@mtcute/core'
import { isSameEmoji, qualifiedEmoji } from '../shared/emoji.ts'
import type { View } from './view.ts'

const PAID = '⭐'
/** For a custom emoji of which nothing is known. */
const UNKNOWN = '✨'

/** What Matrix shows for a reaction; undefined for none. A custom emoji is shown as the one it stands for. */
export function keyOf(reaction: tl.TypeReaction, view: Pick<View, 'customEmoji'>): string | undefined {
  switch (reaction._) {
    case 'reactionEmoji':
      return reaction.emoticon === '' ? undefined : qualifiedEmoji(reaction.emoticon)
    case 'reactionCustomEmoji': {
      const known = view.customEmoji(reaction.documentId.toString())
      return known === undefined || known === '' ? UNKNOWN : qualifiedEmoji(known)
    }
    case 'reactionPaid':
      return PAID
    default:
      return undefined
  }
}

/**
 * Reactions that everybody may use, without Premium, where a chat allows all (core.telegram.org/api/reactions: the
 * answer of `messages.getAvailableReactions` is the truth, this list is for when it is not known yet).
 */
export const FREE_REACTIONS: readonly string[] = [
  ...Array.from(
    '👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡❤',
  ),
  '❤‍🔥',
  '👨‍💻',
  '🤷‍♂',
  '🤷',
  '🤷‍♀',
]

/** The reaction for a Matrix key, in the spelling in which it is allowed; undefined when it is not. */
export function reactionFor(
  key: string,
  allowed: readonly string[] | undefined,
): tl.TypeReaction | undefined {
  const found = (allowed ?? FREE_REACTIONS).find((each) => isSameEmoji(each, key))
  return found === undefined ? undefined : { _: 'reactionEmoji', emoticon: found }
}
