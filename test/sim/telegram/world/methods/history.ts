import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { isAudio, isGif, isRound, isVideo, isVoice } from '../media.ts'
import { channelOf, roomOf, userOf } from '../peers.ts'
import type { Post } from '../post.ts'
import { gather } from '../render/gather.ts'
import { messageTl } from '../render/message.ts'
import { historyOf, postIn } from '../room.ts'
import type { Room } from '../room.ts'

/** The newest first. */
type Page = { posts: readonly Post[]; total: number }

/** `offset_id`, `add_offset` and their companions, as core.telegram.org/api/offsets has them. */
export function pageOf(call: Call, all: readonly Post[]): Page {
  const { args, me } = call
  const newest = all.toReversed()
  const offsetId = args.optInt('offset_id') ?? 0
  const offsetDate = args.optInt('offset_date') ?? 0
  const limit = Math.min(Math.max(args.int('limit'), 0), 100)
  const from = newest.findIndex(
    (post) =>
      (offsetId === 0 || post.idFor(me) < offsetId) &&
      (offsetId !== 0 || offsetDate === 0 || post.date < offsetDate),
  )
  const start = (from < 0 ? newest.length : from) + (args.optInt('add_offset') ?? 0)
  const maxId = args.optInt('max_id') ?? 0
  const minId = args.optInt('min_id') ?? 0
  const posts = newest
    .slice(Math.max(start, 0), Math.max(start + limit, 0))
    .filter((post) => (maxId === 0 || post.idFor(me) < maxId) && post.idFor(me) > minId)
  return { posts, total: all.length }
}

/** Messages of one chat, in the form for that kind of chat. */
export function messagesTl(
  call: Call,
  room: Room | undefined,
  messages: readonly TlObject[],
  total: number,
): TlObject {
  const rest = { messages, topics: [], ...gather(call.view, messages) }
  if (room?.kind === 'channel') {
    return { _: 'messages.channelMessages', pts: room.box.pts, count: total, ...rest }
  }
  if (messages.length === total) return { _: 'messages.messages', ...rest }
  return { _: 'messages.messagesSlice', count: total, ...rest }
}

function pageTl(call: Call, room: Room | undefined, all: readonly Post[]): TlObject {
  const { posts, total } = pageOf(call, all)
  const messages = posts.map((post) => messageTl(call.view, post))
  return messagesTl(call, room, messages, total)
}

function getHistory(call: Call): TlValue {
  const room = roomOf(call.view, call.args.obj('peer'))
  return pageTl(call, room, historyOf(room, call.me))
}

function named(call: Call, room: Room | undefined, input: Args): Post | undefined {
  const { me } = call
  const byId = (id: number) => (room === undefined ? me.copies.get(id) : postIn(room, me, id))
  switch (input.name) {
    case 'inputMessageID':
      return byId(input.int('id'))
    case 'inputMessageReplyTo':
      return byId(input.int('id'))?.replyTo?.post
    case 'inputMessagePinned':
      return room === undefined ? undefined : historyOf(room, me).findLast((post) => post.isPinnedFor(me))
    default:
      throw new RpcFault(400, 'MESSAGE_IDS_EMPTY')
  }
}

function byIds(call: Call, room: Room | undefined): TlValue {
  const inputs = call.args.objs('id')
  if (inputs.length > 200) throw new RpcFault(400, 'LIMIT_INVALID')
  const messages = inputs.map((input) => {
    const post = named(call, room, input)
    if (post !== undefined && !post.removed) return messageTl(call.view, post)
    return { _: 'messageEmpty', id: input.optInt('id') ?? 0 }
  })
  return messagesTl(call, room, messages, messages.length)
}

const links = (post: Post): boolean => post.entities.some(({ _ }) => _.endsWith('Url'))

const FILTERS: Readonly<Record<string, (post: Post, call: Call) => boolean>> = {
  inputMessagesFilterEmpty: () => true,
  inputMessagesFilterPhotos: ({ media }) => media?.kind === 'photo',
  inputMessagesFilterVideo: ({ media }) => media?.kind === 'document' && isVideo(media.document),
  inputMessagesFilterPhotoVideo: ({ media }) =>
    media?.kind === 'photo' || (media?.kind === 'document' && isVideo(media.document)),
  inputMessagesFilterDocument: ({ media }) =>
    media?.kind === 'document' && !isVideo(media.document) && !isAudio(media.document),
  inputMessagesFilterUrl: links,
  inputMessagesFilterGif: ({ media }) => media?.kind === 'document' && isGif(media.document),
  inputMessagesFilterVoice: ({ media }) => media?.kind === 'document' && isVoice(media.document),
  inputMessagesFilterMusic: ({ media }) =>
    media?.kind === 'document' && isAudio(media.document) && !isVoice(media.document),
  inputMessagesFilterRoundVideo: ({ media }) => media?.kind === 'document' && isRound(media.document),
  inputMessagesFilterRoundVoice: ({ media }) =>
    media?.kind === 'document' && (isRound(media.document) || isVoice(media.document)),
  inputMessagesFilterMyMentions: (post, { view }) => messageTl(view, post)['mentioned'] === true,
  inputMessagesFilterGeo: ({ media }) => media?.kind === 'plain' && /Geo|Venue/.test(media.tl._),
  inputMessagesFilterContacts: ({ media }) => media?.kind === 'plain' && media.tl._ === 'messageMediaContact',
  inputMessagesFilterPinned: (post, { me }) => post.isPinnedFor(me),
  inputMessagesFilterPoll: ({ media }) => media?.kind === 'poll',
  inputMessagesFilterChatPhotos: ({ action }, { view }) => action?.(view)._ === 'messageActionChatEditPhoto',
  inputMessagesFilterPhoneCalls: () => false,
}

function matching(call: Call, posts: readonly Post[], filter: string): Post[] {
  const { args } = call
  const fits = FILTERS[filter]
  if (fits === undefined) throw new RpcFault(400, 'INPUT_FILTER_INVALID')
  const q = (args.optStr('q') ?? '').toLowerCase()
  const minDate = args.optInt('min_date') ?? 0
  const maxDate = args.optInt('max_date') ?? 0
  return posts.filter(
    (post) =>
      fits(post, call) &&
      post.text.toLowerCase().includes(q) &&
      (minDate === 0 || post.date > minDate) &&
      (maxDate === 0 || post.date < maxDate),
  )
}

function search(call: Call): TlValue {
  const { args, view, me } = call
  const room = roomOf(view, args.obj('peer'))
  const from = args.optObj('from_id')
  const author = from === undefined ? undefined : userOf(view, from)
  const top = args.optInt('top_msg_id')
  const posts = historyOf(room, me).filter(
    (post) => (author === undefined || post.author === author) && (top === undefined || post.topic === top),
  )
  return pageTl(call, room, matching(call, posts, args.obj('filter').name))
}

function searchGlobal(call: Call): TlValue {
  const { me, args } = call
  const posts = [...me.dialogs.keys()].flatMap((room) => historyOf(room, me))
  const found = matching(
    call,
    posts.toSorted((a, b) => a.globalId - b.globalId),
    args.obj('filter').name,
  )
  return pageTl(call, undefined, found)
}

function searchCounters(call: Call): TlValue {
  const { args, view, me } = call
  const history = historyOf(roomOf(view, args.obj('peer')), me)
  return args.objs('filters').map((filter) => ({
    _: 'messages.searchCounter',
    filter: filter.tl,
    count: matching(call, history, filter.name).length,
  }))
}

/** The messages of a topic, or the replies to a message. */
function getReplies(call: Call): TlValue {
  const { args, view, me } = call
  const room = roomOf(view, args.obj('peer'))
  const id = args.int('msg_id')
  const posts = historyOf(room, me).filter((post) => post.topic === id || post.replyTo?.post.idFor(me) === id)
  return pageTl(call, room, posts)
}

function unreadMentions(call: Call): TlValue {
  const { args, view, me } = call
  const room = roomOf(view, args.obj('peer'))
  const posts = historyOf(room, me).filter(
    (post) => post.idFor(me) > me.dialog(room).readInbox && messageTl(view, post)['mentioned'] === true,
  )
  return pageTl(call, room, posts)
}

const none = (call: Call): TlValue => messagesTl(call, roomOf(call.view, call.args.obj('peer')), [], 0)

export const historyMethods: Methods = {
  'messages.getHistory': getHistory,
  'messages.getMessages': (call) => byIds(call, undefined),
  'channels.getMessages': (call) => byIds(call, channelOf(call.view, call.args.obj('channel'))),
  'messages.search': search,
  'messages.searchGlobal': searchGlobal,
  'messages.getSearchCounters': searchCounters,
  'messages.getReplies': getReplies,
  'messages.getUnreadMentions': unreadMentions,
  'messages.getUnreadReactions': none,
  'messages.getUnreadPollVotes': none,
}
