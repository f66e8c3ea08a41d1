import { proto } from '@whiskeysockets/baileys'
import type { PollOption } from '../../model/content.ts'
import type { RemoteUserId } from '../../model/ids.ts'
import type { RemoteAction, Target } from '../../model/remote-action.ts'
import { refusedPlan } from './call.ts'
import type { WaCall, WaPlan } from './call.ts'
import { isEmoji, qualifiedEmoji } from '../shared/emoji.ts'
import { isGroup, toUserId } from './ids.ts'
import { DESCRIPTION_LENGTH, PIN_SECONDS, SUBJECT_LENGTH, TEXT_LIMIT } from './limits.ts'
import { addressOf, keysOf } from './message-key.ts'
import { isSelf } from './names.ts'
import { isAdminLevel } from './power.ts'
import { toEdit } from './to-edit.ts'
import { plain, replyContext, shown, textMessage, toMessage } from './to-message.ts'
import { chosenOptions } from './to-poll.ts'
import { contextFor, spoken } from './to-text.ts'
import { toUpload } from './to-upload.ts'
import type { Voice } from './voice.ts'

const { Type } = proto.Message.ProtocolMessage
const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type

const NOT_SEEN = 'What this is about is not on WhatsApp.'

/** The calls that carry out what a Matrix user did. Total: whatever cannot be done is refused in words. */
export function toRemote(action: RemoteAction, voice: Voice): WaPlan {
  switch (action.kind) {
    case 'message':
      return toMessage(action, voice)
    case 'edit':
      return toEdit(action, voice)
    case 'redaction':
      return redaction(action.target, voice)
    case 'reaction':
      return about(action.target, voice, (key) => reaction(action, key, voice))
    case 'reaction-removal':
      return about(action.target, voice, (key) =>
        voice.speaker === undefined
          ? { calls: [reactionCall(key, '', voice)] }
          : sayAbout(action.target, `took back ${action.key}`, 'emote', voice),
      )
    case 'poll-vote':
      return about(action.target, voice, (poll) => {
        if (voice.speaker !== undefined)
          return sayAbout(action.target, votedWords(action.options), 'emote', voice)
        const options = chosenOptions(action.options)
        return options === undefined
          ? refusedPlan('The poll does not have this answer on WhatsApp.')
          : { calls: [{ kind: 'vote', poll, options }] }
      })
    case 'poll-end': {
      const words = `The poll has ended.${action.tally === undefined ? '' : `\n${action.tally}`}`
      const plan = sayAbout(action.target, words, 'text', voice)
      return 'refused' in plan
        ? plan
        : { ...plan, note: 'WhatsApp has no end for polls: the result was sent as a message.' }
    }
    case 'pin':
      return about(action.target, voice, (key) => pin(key, action.pinned, voice))
    case 'membership':
      return membership(action, voice)
    case 'topic':
      return cut(action.topic, DESCRIPTION_LENGTH, 'description', (description) => ({
        kind: 'description',
        description,
      }))
    case 'name':
      return action.name.trim() === ''
        ? refusedPlan('A group on WhatsApp always has a name.')
        : cut(action.name.trim(), SUBJECT_LENGTH, 'name', (subject) => ({ kind: 'subject', subject }))
    case 'avatar':
      return {
        calls: [
          { kind: 'picture', ...(action.avatar !== undefined && { upload: toUpload(action.avatar).upload }) },
        ],
      }
    case 'settings':
      return { calls: [{ kind: 'settings', settings: action.settings }] }
    case 'power':
      return power(action.changes, voice)
  }
}

function about(target: Target, voice: Voice, then: (key: proto.IMessageKey) => WaPlan): WaPlan {
  const [key] = keysOf(voice, target.remoteIds)
  return key === undefined ? refusedPlan(NOT_SEEN) : then(key)
}

/** Words in answer to a message. */
function sayAbout(target: Target, words: string, style: 'text' | 'emote', voice: Voice): WaPlan {
  const { text } = spoken(plain(words), style, voice)
  const context = { ...contextFor(voice), ...replyContext(target, voice) }
  return { calls: [shown(textMessage(text.slice(0, TEXT_LIMIT), context))] }
}

/** Everybody may take back what they wrote; administrators of a group what others wrote there. */
function redaction(target: Target, voice: Voice): WaPlan {
  const keys = keysOf(voice, target.remoteIds)
  if (keys.length === 0) return refusedPlan(NOT_SEEN)
  const others = keys.some((key) => key.fromMe !== true)
  if (others && !isGroup(voice.chat))
    return refusedPlan('On WhatsApp you can delete for everybody only what you wrote.', 'not_permitted')
  if (others && voice.role === 'member')
    return refusedPlan('Only administrators of the group can delete what others wrote.', 'not_permitted')
  return {
    calls: keys.map((key) => ({
      kind: 'send',
      message: { protocolMessage: { key, type: Type.REVOKE } },
      shown: false,
      attributes: { edit: key.fromMe === true ? '7' : '8' },
    })),
  }
}

/**
 * A reaction, which on WhatsApp is one emoji of each person. An account that carries the words of many has one for all
 * of them, so what they react is said in words, and so is what is no emoji.
 */
function reaction(
  { key, target }: Extract<RemoteAction, { kind: 'reaction' }>,
  message: proto.IMessageKey,
  voice: Voice,
): WaPlan {
  if (voice.speaker === undefined && isEmoji(key))
    return { calls: [reactionCall(message, qualifiedEmoji(key), voice)] }
  const words = sayAbout(target, `reacted ${key}`, 'emote', voice)
  if (voice.speaker !== undefined || 'refused' in words) return words
  return { ...words, note: 'WhatsApp takes one emoji as a reaction: it was sent as a message.' }
}

/** The account has one vote, and many whose words it carries. */
const votedWords = (options: readonly PollOption[]): string =>
  options.length === 0 ? 'took back the vote' : `voted for ${options.map(({ text }) => text).join(', ')}`

const reactionCall = (key: proto.IMessageKey, text: string, voice: Voice): WaCall => ({
  kind: 'send',
  message: { reactionMessage: { key, text, senderTimestampMs: voice.now.getTime() } },
  shown: false,
})

function pin(key: proto.IMessageKey, pinned: boolean, voice: Voice): WaPlan {
  const message: proto.IMessage = {
    pinInChatMessage: {
      key,
      type: pinned ? PIN_FOR_ALL : UNPIN_FOR_ALL,
      senderTimestampMs: voice.now.getTime(),
    },
    messageContextInfo: { messageAddOnDurationInSecs: pinned ? PIN_SECONDS : 0 },
  }
  const calls: WaCall[] = [{ kind: 'send', message, shown: false, attributes: { edit: '2' } }]
  return pinned ? { calls, note: 'WhatsApp keeps a message pinned for 30 days at most.' } : { calls }
}

function membership(action: Extract<RemoteAction, { kind: 'membership' }>, voice: Voice): WaPlan {
  const { change, remote } = action
  if (remote === undefined) {
    if (change === 'leave') return { calls: voice.speaker === undefined ? [{ kind: 'leave' }] : [] }
    return change === 'invite' ? refusedPlan('Whom you invited is not on WhatsApp.') : { calls: [] }
  }
  if (toUserId(remote) === undefined) return refusedPlan('This is nobody on WhatsApp.')
  if (isSelf(voice, remote)) return { calls: change === 'leave' ? [{ kind: 'leave' }] : [] }
  if (!isGroup(voice.chat)) return refusedPlan('A direct chat on WhatsApp has no other members.')
  const people = [addressOf(voice, remote)]
  switch (change) {
    case 'invite':
    case 'join':
      return { calls: [{ kind: 'participants', action: 'add', people }] }
    case 'leave':
    case 'kick':
      return { calls: [{ kind: 'participants', action: 'remove', people }] }
    case 'ban':
      return {
        calls: [{ kind: 'participants', action: 'remove', people }],
        note: 'WhatsApp has no bans: the person was removed and can come back.',
      }
    case 'unban':
      return { calls: [] }
  }
}

/** Words of limited length; if they are too long, the sender is told that the end is missing. */
function cut(words: string, most: number, what: string, call: (words: string) => WaCall): WaPlan {
  const all = Array.from(words.toWellFormed())
  if (all.length <= most) return { calls: [call(words.toWellFormed())] }
  const note = `WhatsApp takes ${most} characters: the end of the ${what} is missing there.`
  return { calls: [call(`${all.slice(0, most - 1).join('')}…`)], note }
}

/** Levels of Matrix become one of two: administrator or not. */
function power(changes: readonly { remote: RemoteUserId; level: number }[], voice: Voice): WaPlan {
  const known = changes.filter(({ remote }) => toUserId(remote) !== undefined && !isSelf(voice, remote))
  const of = (admin: boolean) =>
    known.filter(({ level }) => isAdminLevel(level) === admin).map(({ remote }) => addressOf(voice, remote))
  const [up, down] = [of(true), of(false)]
  const calls: WaCall[] = [
    ...(up.length > 0 ? [{ kind: 'participants' as const, action: 'promote' as const, people: up }] : []),
    ...(down.length > 0 ? [{ kind: 'participants' as const, action: 'demote' as const, people: down }] : []),
  ]
  return calls.length === 0 && changes.length > 0
    ? refusedPlan('Nobody of them can be made or unmade an administrator on WhatsApp.')
    : { calls }
}
