import type { TlObject } from '../contract.ts'
import type { Account } from './account.ts'
import type { Media } from './media.ts'
import { optionKey } from './poll.ts'
import type { Poll } from './poll.ts'
import type { Post } from './post.ts'
import type { Realm } from './realm.ts'
import { counted, reactionKey } from './reactions.ts'
import { messageTl } from './render/message.ts'
import { historyOf } from './room.ts'
import type { Room } from './room.ts'
import { viewOf } from './view.ts'

export type SeenPoll = {
  question: string
  answers: { text: string; option: Uint8Array; voters: number; mine: boolean; correct: boolean }[]
  voters: number
  closed: boolean
  quiz: boolean
  multipleChoice: boolean
  publicVoters: boolean
}

/** A message as one person sees it. */
export type Seen = {
  /** By the viewer's own numbering. */
  id: number
  /** The same for everyone who sees it. */
  globalId: number
  date: number
  out: boolean
  /** Who said it; undefined for a channel that speaks for itself. */
  author: Account | undefined
  text: string
  entities: readonly TlObject[]
  media: Media | undefined
  /** A service message's content. */
  action: TlObject | undefined
  /** The number of the message that it answers to. */
  replyTo: number | undefined
  quote: string | undefined
  topic: number | undefined
  /** Whom it names as the one who wrote it first. */
  forwardedFrom: Account | Room | string | undefined
  groupedId: bigint | undefined
  edited: boolean
  pinned: boolean
  silent: boolean
  /** Seen by somebody else; for incoming messages: read by the viewer. */
  read: boolean
  reactions: { reaction: string; count: number; mine: boolean }[]
  poll: SeenPoll | undefined
  /** The object that a client gets. */
  tl: TlObject
}

const plainText = ({ text }: TlObject): string => (typeof text === 'string' ? text : '')

function seenPoll(poll: Poll, viewer: Account, now: number): SeenPoll {
  const own = poll.votes.get(viewer)?.options ?? []
  const { fields } = poll
  return {
    question: plainText(fields.question),
    answers: fields.answers.map(({ text, option }) => ({
      text: plainText(text),
      option,
      voters: poll.votersOf(optionKey(option)).length,
      mine: own.includes(optionKey(option)),
      correct: fields.correct.has(optionKey(option)),
    })),
    voters: poll.votes.size,
    closed: poll.isClosed(now),
    quiz: fields.quiz,
    multipleChoice: fields.multipleChoice,
    publicVoters: fields.publicVoters,
  }
}

export function seenPost(realm: Realm, viewer: Account, post: Post): Seen {
  const view = viewOf(realm, viewer)
  const tl = messageTl(view, post)
  const own = (post.reactions.get(viewer)?.reactions ?? []).map(reactionKey)
  return {
    id: post.idFor(viewer),
    globalId: post.globalId,
    date: post.date,
    out: tl['out'] === true,
    author: post.anonymous ? undefined : post.author,
    text: post.text,
    entities: post.entities,
    media: post.media,
    action: post.action?.(view),
    replyTo: post.replyTo?.post.idFor(viewer),
    quote: post.replyTo?.quote?.text,
    topic: post.topic,
    forwardedFrom: post.forward?.from,
    groupedId: post.groupedId,
    edited: post.editDate !== undefined,
    pinned: post.isPinnedFor(viewer),
    silent: post.silent,
    read: post.author === viewer ? post.readBy.size > 0 : post.readBy.has(viewer),
    reactions: counted(post.reactions).map(({ reaction, count }) => ({
      reaction: reactionKey(reaction),
      count,
      mine: own.includes(reactionKey(reaction)),
    })),
    poll: post.media?.kind === 'poll' ? seenPoll(post.media.poll, viewer, realm.now()) : undefined,
    tl,
  }
}

/** History exactly as that person sees it, oldest first. */
export const seenHistory = (realm: Realm, viewer: Account, room: Room): Seen[] =>
  historyOf(room, viewer).map((post) => seenPost(realm, viewer, post))
