import type { tl } from '@mtcute/core'
import type { RemoteAction } from '../../model/remote-action.ts'
import { refusedPlan } from './call.ts'
import type { TelegramPlan } from './call.ts'
import { isSameEmoji } from '../shared/emoji.ts'
import { reactionsEach } from './limits.ts'
import { reactionFor } from './reaction-key.ts'
import { joined, plain } from './spans.ts'
import { leadOf, replyTo } from './to-text.ts'
import type { Voice } from './voice.ts'

/**
 * A reaction. Telegram keeps the whole set of an account, of limited size: the oldest make room for a new one. An account
 * that carries the words of many has one set for all of them, so what they react is said in words.
 */
export function toReaction(
  { key, target }: Extract<RemoteAction, { kind: 'reaction' }>,
  n: number,
  voice: Voice,
): TelegramPlan {
  if (voice.speaker !== undefined) {
    const text = joined(leadOf(voice, 'emote'), plain(`reacted ${key}`))
    return { calls: [{ kind: 'text', text, reply: replyTo(target, voice).reply, noPreview: true }] }
  }
  if (reactionFor(key, voice.allowedReactions) === undefined) {
    return refusedPlan(
      `Telegram does not take ${key} as a reaction ${voice.allowedReactions === undefined ? 'without Premium' : 'in this chat'}.`,
    )
  }
  const others = voice.ownReactions.filter((each) => !isSameEmoji(each, key))
  const keys = [...others, key].slice(-reactionsEach(voice.premium))
  const replaced = others.filter((each) => !keys.includes(each))
  const call = { kind: 'react' as const, n, reactions: reactionsOf(keys, voice), keys, replaced }
  if (replaced.length === 0) return { calls: [call] }
  const most = voice.premium ? 'three reactions' : 'one reaction'
  return { calls: [call], note: `Telegram takes ${most} of each person: it replaces ${replaced.join(' ')}.` }
}

/** Without the one that is taken back; what is no reaction on Telegram was none before. */
export function toReactionRemoval(
  { key }: Extract<RemoteAction, { kind: 'reaction-removal' }>,
  n: number,
  voice: Voice,
): TelegramPlan {
  if (voice.speaker !== undefined) {
    return { calls: [], note: 'Telegram was not told that the reaction is taken back.' }
  }
  const keys = voice.ownReactions.filter((each) => !isSameEmoji(each, key))
  if (keys.length === voice.ownReactions.length && keys.length > 0) return { calls: [] }
  return { calls: [{ kind: 'react', n, reactions: reactionsOf(keys, voice), keys, replaced: [] }] }
}

/** What the chat does not allow (any more) is left out: the server would refuse the whole set for it. */
const reactionsOf = (keys: readonly string[], voice: Voice): tl.TypeReaction[] =>
  keys.flatMap((each) => reactionFor(each, voice.allowedReactions) ?? [])
