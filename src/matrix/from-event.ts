import type { MessageContent } from '../model/content.ts'
import { matrixEventId } from '../model/ids.ts'
import type { MatrixEventId, MatrixRoomId, MatrixUserId, MxcUri } from '../model/ids.ts'
import { isEventId } from './event.ts'
import type { RawEvent } from './event.ts'
import { BEACON, readBeacon } from './live-location.ts'
import type { LiveAct } from './live-location.ts'
import { readMessage, readLocation, unsupported } from './message-from-event.ts'
import type { ReadMessage } from './message-from-event.ts'
import type { KnownPeople } from './mentions.ts'
import { POLL_END, POLL_RESPONSE, POLL_START, readPollResponse, readPollStart } from './poll.ts'
import { readState } from './state-from-event.ts'
import { objectAt, stringAt, valueAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

export type Membership = 'join' | 'leave' | 'invite' | 'ban' | 'knock'

/** What an event means to the bridge. */
export type MatrixAct =
  | {
      kind: 'message'
      content: MessageContent
      replyTo?: MatrixEventId
      threadRoot?: MatrixEventId
      /** For commands and for quoting it later. */
      text: string
    }
  | { kind: 'edit'; target: MatrixEventId; content: MessageContent; text: string }
  | { kind: 'redaction'; target: MatrixEventId; reason?: string }
  | { kind: 'reaction'; target: MatrixEventId; key: string }
  | { kind: 'poll-vote'; target: MatrixEventId; optionIds: string[] }
  | { kind: 'poll-end'; target: MatrixEventId }
  | {
      kind: 'membership'
      user: MatrixUserId
      membership: Membership
      previous?: string
      reason?: string
      /** The invitation is to a direct chat. */
      direct?: boolean
      displayname?: string
    }
  | { kind: 'topic'; topic: string }
  | { kind: 'name'; name: string }
  | { kind: 'avatar'; mxc?: MxcUri }
  /** What is pinned now and was not before, and the other way round. */
  | { kind: 'pins'; pinned: MatrixEventId[]; unpinned: MatrixEventId[] }
  | { kind: 'power'; users: Record<string, number>; usersDefault: number; raw: Json }
  | LiveAct
  | { kind: 'encrypted' }
  | { kind: 'tombstone'; replacement: MatrixRoomId }
  /** `why` says in words why nothing comes of it. */
  | { kind: 'ignored'; why: string }

const LONGEST_KEY = 255

/**
 * What an event of a homeserver means. Total: content that makes no sense becomes a message of kind `unsupported` when
 * somebody meant to say something, and is `ignored` with the reason in words otherwise.
 */
export function fromEvent(event: RawEvent, known?: KnownPeople): MatrixAct {
  if (event.state_key !== undefined) return readState(event, event.state_key)
  if (event.unsigned !== undefined && objectAt(event.unsigned, 'redacted_because') !== undefined) {
    return ignored('it was deleted before it arrived')
  }
  const content = event.content
  switch (event.type) {
    case 'm.room.message':
      return message(content, known)
    case 'm.sticker':
      return said(readMessage(content, 'm.sticker', isReply(content), known), content)
    case 'm.reaction':
      return reaction(content)
    case 'm.room.redaction':
      return redaction(event)
    case 'm.room.encrypted':
      return { kind: 'encrypted' }
    case POLL_START:
    case 'm.poll.start':
      return pollStart(content)
    case POLL_RESPONSE:
    case 'm.poll.response':
      return pollVote(content)
    case POLL_END:
    case 'm.poll.end':
      return pollEnd(content)
    case 'm.location':
    case 'org.matrix.msc3488.location':
      return said(locationMessage(content), content)
    case 'm.call.invite':
      return said(unsupported(event.type, 'a call; calls do not cross the bridge', {}), content)
    default:
      if (BEACON.includes(event.type)) return readBeacon(event)
      return ignored(`events of type ${event.type} do not cross the bridge`)
  }
}

const ignored = (why: string): MatrixAct => ({ kind: 'ignored', why })

function message(content: Json, known: KnownPeople | undefined): MatrixAct {
  const msgtype = stringAt(content, 'msgtype') ?? ''
  if (msgtype.startsWith('m.key.verification.')) return ignored('it is part of a device verification')
  const target = relation(content, 'm.replace')
  if (target === undefined) return said(readMessage(content, msgtype, isReply(content), known), content)
  const replacement = objectAt(content, 'm.new_content') ?? withoutStar(content)
  const read = readMessage(replacement, stringAt(replacement, 'msgtype') ?? msgtype, false, known)
  return { kind: 'edit', target, ...read }
}

/** An edit without `m.new_content`: the fallback begins with a star. */
function withoutStar(content: Json): Json {
  const body = stringAt(content, 'body') ?? ''
  return { ...content, body: body.replace(/^ ?\* /, ''), formatted_body: undefined }
}

function said(read: ReadMessage, content: Json): MatrixAct {
  const relates = objectAt(content, 'm.relates_to') ?? {}
  const threadRoot = relation(content, 'm.thread')
  const parent = valueAt(objectAt(relates, 'm.in_reply_to') ?? {}, 'event_id')
  // Specification, "Fallback for unthreaded clients": this reply is not one.
  const fallingBack = threadRoot !== undefined && valueAt(relates, 'is_falling_back') === true
  return {
    kind: 'message',
    ...read,
    ...(isEventId(parent) && !fallingBack ? { replyTo: matrixEventId(parent) } : {}),
    ...(threadRoot === undefined ? {} : { threadRoot }),
  }
}

const isReply = (content: Json): boolean =>
  objectAt(objectAt(content, 'm.relates_to') ?? {}, 'm.in_reply_to') !== undefined

/** The event that the content relates to in this way. */
function relation(content: Json, type: string): MatrixEventId | undefined {
  const relates = objectAt(content, 'm.relates_to')
  if (relates === undefined || valueAt(relates, 'rel_type') !== type) return undefined
  const id = valueAt(relates, 'event_id')
  return isEventId(id) ? id : undefined
}

function reaction(content: Json): MatrixAct {
  const target = relation(content, 'm.annotation')
  const key = stringAt(objectAt(content, 'm.relates_to') ?? {}, 'key') ?? ''
  if (target === undefined || key === '') return ignored('the reaction names no event or no key')
  if (key.length > LONGEST_KEY) return ignored('the key of the reaction is too long')
  // A picture is a reaction's key on some clients; its short name is what can be said elsewhere.
  const name = stringAt(content, 'shortcode') ?? stringAt(content, 'com.beeper.reaction.shortcode')
  const spoken = key.startsWith('mxc://') && name !== undefined && name !== ''
  return { kind: 'reaction', target, key: spoken ? `:${name.slice(0, 100).replaceAll(':', '')}:` : key }
}

function redaction(event: RawEvent): MatrixAct {
  // Room versions up to 10 have it beside the content, later ones inside; homeservers fill in the former for both.
  const target = event.redacts ?? valueAt(event.content, 'redacts')
  if (!isEventId(target)) return ignored('the redaction names no event')
  const reason = stringAt(event.content, 'reason') ?? ''
  return { kind: 'redaction', target, ...(reason === '' ? {} : { reason }) }
}

function pollStart(content: Json): MatrixAct {
  const target = relation(content, 'm.replace')
  const source = target === undefined ? content : (objectAt(content, 'm.new_content') ?? content)
  const poll = readPollStart(source)
  const read: ReadMessage =
    poll === undefined
      ? unsupported('poll', 'a poll without a readable question', source)
      : { content: poll, text: poll.question }
  return target === undefined ? said(read, content) : { kind: 'edit', target, ...read }
}

function pollVote(content: Json): MatrixAct {
  const target = relation(content, 'm.reference')
  const optionIds = readPollResponse(content)
  if (target === undefined || optionIds === undefined) return ignored('the vote names no poll or no answers')
  return { kind: 'poll-vote', target, optionIds }
}

function pollEnd(content: Json): MatrixAct {
  const target = relation(content, 'm.reference')
  return target === undefined ? ignored('the end of a poll names no poll') : { kind: 'poll-end', target }
}

function locationMessage(content: Json): ReadMessage {
  const location = readLocation(content)
  if (location === undefined)
    return unsupported('m.location', 'a location without readable coordinates', content)
  return { content: location, text: location.name ?? `${location.latitude}, ${location.longitude}` }
}
