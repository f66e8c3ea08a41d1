import { RpcFault } from '../contract.ts'
import type { Account } from './account.ts'
import type { Channel } from './channel.ts'
import type { Group } from './group.ts'
import { isAudio, isGif, isRound, isSticker, isVideo, isVoice } from './media.ts'
import type { Media } from './media.ts'
import type { Realm } from './realm.ts'
import type { Ban, Power } from './rights.ts'
import type { Direct, Room } from './room.ts'
import { GENERAL } from './topic.ts'

/** Which ban forbids such a message, with the error of that name. */
function kindOf(media: Media | undefined): [Ban, string] {
  if (media === undefined || media.kind === 'plain') return ['send_plain', 'PLAIN']
  if (media.kind === 'photo') return ['send_photos', 'PHOTOS']
  if (media.kind === 'poll') return ['send_polls', 'POLL']
  const { document } = media
  if (isSticker(document)) return ['send_stickers', 'STICKERS']
  if (isGif(document)) return ['send_gifs', 'GIFS']
  if (isRound(document)) return ['send_roundvideos', 'ROUNDVIDEOS']
  if (isVideo(document)) return ['send_videos', 'VIDEOS']
  if (isVoice(document)) return ['send_voices', 'VOICES']
  if (isAudio(document)) return ['send_audios', 'AUDIOS']
  return ['send_docs', 'DOCS']
}

const MEDIA_BANS: ReadonlySet<Ban> = new Set<Ban>([
  'send_photos',
  'send_videos',
  'send_roundvideos',
  'send_audios',
  'send_voices',
  'send_docs',
])

/** Whether an administrator's power is theirs. */
export function can(room: Group | Channel, account: Account, power: Power): boolean {
  if (room.creator === account && room.members.has(account)) return true
  if (room.kind === 'group') return room.members.get(account)?.admin === true
  return room.members.get(account)?.powers?.has(power) === true
}

/** Whether a member may do what everyone may unless it is forbidden, in general or to them. */
export function allowed(room: Group | Channel, account: Account, ban: Ban): boolean {
  const isAdmin =
    room.creator === account ||
    (room.kind === 'group'
      ? room.members.get(account)?.admin === true
      : room.members.get(account)?.powers !== undefined)
  if (isAdmin) return true
  const own = room.kind === 'channel' ? room.members.get(account)?.bans.has(ban) === true : false
  return room.members.has(account) && !room.bans.has(ban) && !own
}

/** @throws RpcFault CHAT_ADMIN_REQUIRED */
export function needPower(room: Group | Channel, account: Account, power: Power): void {
  if (!can(room, account, power)) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
}

/** For what every member may do unless it is forbidden, and administrators always. */
export function needAllowed(room: Group | Channel, account: Account, power: Power & Ban): void {
  const broadcast = room.kind === 'channel' && room.broadcast
  if (can(room, account, power) || (!broadcast && allowed(room, account, power))) return
  throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
}

function checkDirect({ service }: Realm, room: Direct, author: Account, media: Media | undefined): void {
  const other = room.other(author)
  if (other.state !== 'active') throw new RpcFault(400, 'INPUT_USER_DEACTIVATED')
  if (other === service) throw new RpcFault(400, 'PEER_ID_INVALID')
  if (other.blocked.has(author)) throw new RpcFault(400, 'USER_IS_BLOCKED')
  if (author.blocked.has(other) && other.bot) throw new RpcFault(400, 'YOU_BLOCKED_USER')
  const voice = media?.kind === 'document' && (isVoice(media.document) || isRound(media.document))
  if (voice && other.voicesForbidden) throw new RpcFault(400, 'VOICE_MESSAGES_FORBIDDEN')
}

function checkBans(room: Group | Channel, author: Account, media: Media | undefined): void {
  if (room.kind === 'channel' && room.members.get(author)?.bans.has('send_messages') === true) {
    throw new RpcFault(400, 'USER_BANNED_IN_CHANNEL')
  }
  if (!allowed(room, author, 'send_messages')) throw new RpcFault(403, 'CHAT_WRITE_FORBIDDEN')
  const [ban, name] = kindOf(media)
  if (!allowed(room, author, ban)) throw new RpcFault(403, `CHAT_SEND_${name}_FORBIDDEN`)
  if (MEDIA_BANS.has(ban) && !allowed(room, author, 'send_media')) {
    throw new RpcFault(403, 'CHAT_SEND_MEDIA_FORBIDDEN')
  }
}

function checkTopic(room: Channel, author: Account, topicId: number | undefined): void {
  if (!room.forum || topicId === undefined || topicId === GENERAL) return
  const topic = room.topics.get(topicId)
  if (topic === undefined) throw new RpcFault(400, 'TOPIC_DELETED')
  if (topic.closed && topic.by !== author && !can(room, author, 'manage_topics')) {
    throw new RpcFault(400, 'TOPIC_CLOSED')
  }
}

function checkSlowmode(realm: Realm, room: Channel, author: Account): void {
  const member = room.members.get(author)
  if (room.slowmode === 0 || room.creator === author || member?.powers !== undefined) return
  const wait = (room.lastSpoke.get(author) ?? 0) + room.slowmode - realm.now()
  if (wait > 0) throw new RpcFault(420, `SLOWMODE_WAIT_${wait}`)
}

/** @throws RpcFault when the account may not send such a message there */
export function checkSend(
  realm: Realm,
  room: Room,
  author: Account,
  media: Media | undefined,
  topic: number | undefined,
): void {
  if (room.kind === 'direct') return checkDirect(realm, room, author, media)
  if (!room.members.has(author)) {
    if (room.kind === 'group')
      throw new RpcFault(
        room.migratedTo ? 400 : 403,
        room.migratedTo ? 'PEER_ID_INVALID' : 'CHAT_WRITE_FORBIDDEN',
      )
    throw new RpcFault(
      room.username === undefined ? 400 : 403,
      room.username === undefined ? 'CHANNEL_PRIVATE' : 'CHAT_GUEST_SEND_FORBIDDEN',
    )
  }
  if (room.kind === 'group' && room.migratedTo !== undefined) throw new RpcFault(400, 'PEER_ID_INVALID')
  if (room.kind === 'channel' && room.broadcast) {
    if (!can(room, author, 'post_messages')) throw new RpcFault(403, 'CHAT_WRITE_FORBIDDEN')
    return
  }
  checkBans(room, author, media)
  if (room.kind === 'channel') {
    checkTopic(room, author, topic)
    checkSlowmode(realm, room, author)
  }
}
