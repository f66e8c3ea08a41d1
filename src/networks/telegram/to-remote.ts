import type { RemoteAction, Target } from '../../model/remote-action.ts'
import { refusedPlan } from './call.ts'
import type { TelegramCall, TelegramPlan } from './call.ts'
import { GENERAL_TOPIC, numberFor, numbersFor, parseUserId } from './ids.ts'
import { ABOUT_LENGTH, TITLE_LENGTH, captionLimit } from './limits.ts'
import { adminRightsFor } from './power.ts'
import { plain } from './spans.ts'
import { TEXT_LIMIT, split } from './split.ts'
import { livePlace, toMessage, textOf } from './to-message.ts'
import { chosenBytes } from './to-poll.ts'
import { toReaction, toReactionRemoval } from './to-reaction.ts'
import { toUpload } from './to-upload.ts'
import type { Voice } from './voice.ts'

const NOT_SEEN = 'Your Telegram account does not have the message that this is about.'

/** The calls that carry out what a Matrix user did. Total: whatever cannot be done is refused in words. */
export function toRemote(action: RemoteAction, voice: Voice): TelegramPlan {
  switch (action.kind) {
    case 'message':
      return toMessage(action, voice)
    case 'edit':
      return edit(action, voice)
    case 'redaction': {
      const numbers = numbersFor(action.target.remoteIds, voice.chat, voice.account)
      return numbers.length === 0 ? refusedPlan(NOT_SEEN) : { calls: [{ kind: 'delete', numbers }] }
    }
    case 'reaction':
      return about(action.target, voice, (n) => toReaction(action, n, voice))
    case 'reaction-removal':
      return about(action.target, voice, (n) => toReactionRemoval(action, n, voice))
    case 'poll-vote':
      return about(action.target, voice, (n) => {
        if (voice.speaker !== undefined) return refusedPlan('Without a login nobody can vote on Telegram.')
        const options = chosenBytes(action.options, voice.poll)
        return options === undefined
          ? refusedPlan('The poll does not have this answer on Telegram.')
          : { calls: [{ kind: 'vote', n, options }] }
      })
    case 'poll-end':
      return about(action.target, voice, (n) =>
        action.target.own
          ? { calls: [{ kind: 'close-poll', n }] }
          : refusedPlan('On Telegram a poll is closed by whoever made it.'),
      )
    case 'pin':
      return about(action.target, voice, (n) => ({ calls: [{ kind: 'pin', n, pinned: action.pinned }] }))
    case 'membership':
      return membership(action, voice)
    case 'topic':
      return cut(action.topic, ABOUT_LENGTH, 'description', (words) => ({ kind: 'about', about: words }))
    case 'name':
      return name(action.name, voice)
    case 'avatar':
      return {
        calls: [{ kind: 'photo', ...(action.avatar !== undefined && { upload: toUpload(action.avatar) }) }],
      }
    case 'settings':
      return { calls: [{ kind: 'settings', settings: action.settings }] }
    case 'power':
      return power(action, voice)
  }
}

function about(target: Target, voice: Voice, then: (n: number) => TelegramPlan): TelegramPlan {
  const n = numberFor(target.remoteIds, voice.chat, voice.account)
  return n === undefined ? refusedPlan(NOT_SEEN) : then(n)
}

/**
 * A new text for an old message. One that was cut into parts is edited part by part: parts that are left over are
 * deleted, parts that are missing follow as new messages.
 */
function edit(action: Extract<RemoteAction, { kind: 'edit' }>, voice: Voice): TelegramPlan {
  const { content, target } = action
  const numbers = numbersFor(target.remoteIds, voice.chat, voice.account)
  const [first] = numbers
  if (first === undefined) return refusedPlan(NOT_SEEN)
  // Words that were said before it, for somebody without a login, are another message.
  const last = numbers.at(-1) ?? first
  if (content.kind === 'location' && (content.live === true || content.ended === true))
    return { calls: [{ kind: 'move', n: last, media: livePlace(content) }] }
  const text = textOf(content, voice)
  // What has no text, such as a place, is no more than another message.
  if (text === undefined) return correction(action, voice)
  if (content.kind === 'media') {
    const [caption = plain(''), ...others] = split(text, captionLimit(voice.premium))
    const calls: TelegramCall[] = [
      { kind: 'edit', n: first, text: caption, upload: toUpload(content), noPreview: false },
      ...others.map((part): TelegramCall => ({
        kind: 'text',
        text: part,
        reply: { to: first },
        noPreview: false,
      })),
    ]
    return others.length === 0 ? { calls } : { calls, note: 'The caption was too long for Telegram.' }
  }
  const parts = split(text, TEXT_LIMIT)
  if (parts.length === 0) return refusedPlan('There is nothing in it that Telegram could show.')
  const noPreview = content.kind === 'text' && content.previews?.length === 0
  const calls = parts.map((part, i): TelegramCall => {
    const n = numbers[i]
    return n === undefined
      ? { kind: 'text', text: part, reply: { to: first }, noPreview }
      : { kind: 'edit', n, text: part, noPreview }
  })
  const left = numbers.slice(parts.length)
  return { calls: left.length === 0 ? calls : [...calls, { kind: 'delete', numbers: left }] }
}

function correction(
  { target, content }: Extract<RemoteAction, { kind: 'edit' }>,
  voice: Voice,
): TelegramPlan {
  const plan = toMessage({ kind: 'message', content, replyTo: target }, voice)
  return 'refused' in plan
    ? plan
    : { ...plan, note: 'Telegram cannot change such a message: the new one was sent as an answer to it.' }
}

function membership(action: Extract<RemoteAction, { kind: 'membership' }>, voice: Voice): TelegramPlan {
  const { change, remote } = action
  if (remote === undefined) {
    if (change === 'leave')
      return voice.speaker === undefined ? { calls: [{ kind: 'leave' }] } : { calls: [] }
    return change === 'invite' ? refusedPlan('Whom you invited is not on Telegram.') : { calls: [] }
  }
  const person = parseUserId(remote)
  if (person?.kind !== 'user') return refusedPlan('This is a channel and no person.')
  if (person.id === voice.account) return change === 'leave' ? { calls: [{ kind: 'leave' }] } : { calls: [] }
  const input = voice.inputUser(person.id)
  if (input === undefined) return refusedPlan('Your Telegram account has never met this person.')
  const target = { user: person.id, input }
  switch (change) {
    case 'invite':
    case 'join':
      return { calls: [{ kind: 'invite', target }] }
    case 'leave':
    case 'kick':
      return { calls: [{ kind: 'kick', target }] }
    case 'ban':
    case 'unban':
      return { calls: [{ kind: change, target }] }
  }
}

function name(given: string, { chat }: Voice): TelegramPlan {
  if (given.trim() === '') return refusedPlan('A conversation on Telegram always has a name.')
  const topic = chat.topic === undefined || chat.topic === GENERAL_TOPIC ? undefined : chat.topic
  return cut(given.trim(), TITLE_LENGTH, 'name', (title) =>
    topic === undefined ? { kind: 'title', title } : { kind: 'topic-title', topic, title },
  )
}

/** Words of limited length; if they are too long, the sender is told that the end is missing. */
function cut(words: string, most: number, what: string, call: (words: string) => TelegramCall): TelegramPlan {
  const all = Array.from(words.toWellFormed())
  if (all.length <= most) return { calls: [call(words.toWellFormed())] }
  const note = `Telegram takes ${most} characters: the end of the ${what} is missing there.`
  return { calls: [call(`${all.slice(0, most - 1).join('')}…`)], note }
}

function power({ changes }: Extract<RemoteAction, { kind: 'power' }>, voice: Voice): TelegramPlan {
  const unknown: string[] = []
  const calls = changes.flatMap(({ remote, level }): TelegramCall[] => {
    const person = parseUserId(remote)
    const input = person?.kind === 'user' ? voice.inputUser(person.id) : undefined
    if (person === undefined || input === undefined) {
      unknown.push(remote)
      return []
    }
    const rights = adminRightsFor(level)
    return [{ kind: 'admin', target: { user: person.id, input }, ...(rights !== undefined && { rights }) }]
  })
  if (calls.length === 0 && unknown.length > 0)
    return refusedPlan('Your Telegram account has never met them.')
  return unknown.length === 0
    ? { calls }
    : { calls, note: `${unknown.length} of them are not known to your account.` }
}
