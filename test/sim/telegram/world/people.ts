import type { TlObject } from '../contract.ts'
import { edit } from './acts/edit.ts'
import {
  addToChannel,
  addToGroup,
  invite,
  joinBy,
  leaveChannel,
  promote,
  removeFromGroup,
  restrict,
} from './acts/members.ts'
import { pin } from './acts/pin.ts'
import type { PinOptions } from './acts/pin.ts'
import { publish } from './acts/publish.ts'
import { react } from './acts/react.ts'
import { hear, read, readTopic } from './acts/read.ts'
import { removeCopies, removeFromChannel } from './acts/remove.ts'
import { migrate, rename, setAbout, setPhoto, setTtl } from './acts/rooms.ts'
import { say } from './acts/say.ts'
import { textOf } from './acts/text.ts'
import { createTopic, editTopic, removeTopic } from './acts/topics.ts'
import type { TopicChange } from './acts/topics.ts'
import { STOPPED, TYPING, setPresence, typing } from './acts/typing.ts'
import { closePoll, pollOf, vote } from './acts/vote.ts'
import type { Account } from './account.ts'
import type { Channel } from './channel.ts'
import type { Group } from './group.ts'
import type { Invite } from './invite.ts'
import type { Media } from './media.ts'
import type { Action, Post } from './post.ts'
import type { Reaction } from './reactions.ts'
import type { Ban, Power } from './rights.ts'
import { Stage } from './stage.ts'
import type { Chat } from './stage.ts'
import { viewOf } from './view.ts'

export type Saying = {
  text?: string
  entities?: readonly TlObject[]
  media?: Media
  replyTo?: Post
  /** The part of that message that is quoted. */
  quote?: string
  /** A forum's topic: its number or the message that made it. */
  topic?: number | Post
  silent?: boolean
  /** Forwards that message. */
  forwardOf?: Post
}

const emojis = (list: readonly (string | bigint)[]): Reaction[] =>
  list.map((one) =>
    typeof one === 'string' ? { kind: 'emoji', emoji: one } : { kind: 'custom', document: one },
  )

const BANNED: ReadonlySet<Ban> = new Set<Ban>(['view_messages'])

/** People who act without a client. Each act follows the service's rules and throws the error that a client would get. */
export class People extends Stage {
  say(by: Account, chat: Chat, what: Saying | string): Post {
    const saying = typeof what === 'string' ? { text: what } : what
    const { replyTo, quote, topic, forwardOf, media, silent } = saying
    const room = this.room(by, chat)
    const { text, entities } = textOf(
      viewOf(this.realm, by),
      saying.text ?? forwardOf?.text ?? '',
      saying.entities ?? forwardOf?.entities ?? [],
    )
    return this.turn((turn) =>
      say(turn, room, by, {
        text,
        entities,
        media: media ?? forwardOf?.media,
        replyTo:
          replyTo === undefined
            ? undefined
            : {
                post: replyTo,
                ...(quote === undefined
                  ? {}
                  : { quote: { text: quote, entities: [], offset: replyTo.text.indexOf(quote) } }),
              },
        topic: typeof topic === 'object' ? topic.channelId : topic,
        silent: silent ?? false,
        forward:
          forwardOf === undefined
            ? undefined
            : { from: forwardOf.author, date: forwardOf.date, channelPost: undefined, author: undefined },
      }),
    )
  }

  /** Several pictures or files as one group; the caption stands at the first. */
  album(by: Account, chat: Chat, media: readonly Media[], caption = ''): Post[] {
    const groupedId = this.realm.ids.long()
    const room = this.room(by, chat)
    return this.turn((turn) =>
      media.map((one, i) => say(turn, room, by, { text: i === 0 ? caption : '', media: one, groupedId })),
    )
  }

  /** A service message, e.g. of a call. */
  service(by: Account, chat: Chat, action: Action): Post {
    return this.turn((turn) => publish(turn, this.room(by, chat), by, { action }))
  }

  edit(by: Account, post: Post, text: string, entities: readonly TlObject[] = []): void {
    this.turn((turn) => edit(turn, post, by, textOf(viewOf(this.realm, by), text, entities)))
  }

  editMedia(by: Account, post: Post, media: Media): void {
    this.turn((turn) => edit(turn, post, by, { media }))
  }

  /** @param forAll else for oneself only, in private chats and basic groups */
  remove(by: Account, posts: Post | readonly Post[], forAll = true): void {
    const list = 'room' in posts ? [posts] : posts
    const room = list[0]?.room
    this.turn((turn) =>
      room?.kind === 'channel'
        ? removeFromChannel(turn, room, by, list)
        : removeCopies(turn, by, list, forAll),
    )
  }

  /** Replaces all own reactions: emojis, or document ids of custom ones. None takes them back. */
  react(by: Account, post: Post, ...reactions: (string | bigint)[]): void {
    this.turn((turn) => react(turn, post, by, emojis(reactions)))
  }

  /** Votes by the answers' places; none takes the vote back. */
  vote(by: Account, post: Post, ...answers: number[]): void {
    const { fields } = pollOf(post)
    const options = answers.map((i) => fields.answers[i]?.option ?? new Uint8Array())
    this.turn((turn) => vote(turn, post, by, options))
  }

  closePoll(by: Account, post: Post): void {
    this.turn((turn) => closePoll(turn, post, by))
  }

  /** Reads everything, or up to a message. */
  read(by: Account, chat: Chat, upTo?: Post): void {
    this.turn((turn) => read(turn, this.room(by, chat), by, upTo?.idFor(by) ?? 0))
  }

  readTopic(by: Account, channel: Channel, topic: number, upTo: Post): void {
    this.turn((turn) => readTopic(turn, channel, by, topic, upTo.channelId))
  }

  /** Plays a voice or video note. */
  hear(by: Account, post: Post): void {
    this.turn((turn) => hear(turn, [post], by))
  }

  typing(by: Account, chat: Chat, action: TlObject = TYPING, topic?: number): void {
    this.turn((turn) => typing(turn, this.room(by, chat), by, action, topic))
  }

  stopTyping(by: Account, chat: Chat): void {
    this.typing(by, chat, STOPPED)
  }

  online(account: Account, online = true): void {
    this.turn((turn) => setPresence(turn, account, online))
  }

  rename(by: Account, room: Group | Channel, title: string): void {
    this.turn((turn) => rename(turn, room, by, title))
  }

  describe(by: Account, room: Group | Channel, about: string): void {
    this.turn((turn) => setAbout(turn, room, by, about))
  }

  picture(by: Account, room: Group | Channel, bytes: Uint8Array | undefined): void {
    const photo = bytes === undefined ? undefined : this.realm.files.photo(bytes)
    this.turn((turn) => setPhoto(turn, room, by, photo))
  }

  setTtl(by: Account, chat: Chat, seconds: number): void {
    this.turn((turn) => setTtl(turn, this.room(by, chat), by, seconds))
  }

  add(by: Account, room: Group | Channel, account: Account): boolean {
    return this.turn((turn) =>
      room.kind === 'group' ? addToGroup(turn, room, account, by) : addToChannel(turn, room, account, by),
    )
  }

  kick(by: Account, room: Group | Channel, account: Account): void {
    this.turn((turn) =>
      room.kind === 'group'
        ? removeFromGroup(turn, room, account, by)
        : restrict(turn, room, account, by, BANNED),
    )
  }

  unban(by: Account, channel: Channel, account: Account): void {
    this.turn((turn) => restrict(turn, channel, account, by, new Set()))
  }

  leave(account: Account, room: Group | Channel): void {
    this.turn((turn) =>
      room.kind === 'group'
        ? removeFromGroup(turn, room, account, account)
        : leaveChannel(turn, room, account),
    )
  }

  restrict(by: Account, channel: Channel, account: Account, ...bans: Ban[]): void {
    this.turn((turn) => restrict(turn, channel, account, by, new Set(bans)))
  }

  promote(by: Account, channel: Channel, account: Account, ...powers: Power[]): void {
    this.turn((turn) => promote(turn, channel, account, by, new Set(powers)))
  }

  invite(by: Account, room: Group | Channel): Invite {
    return this.turn((turn) => invite(turn, room, by))
  }

  join(account: Account, room: Group | Channel, by: Invite): void {
    this.turn((turn) => joinBy(turn, room, account, by))
  }

  migrate(by: Account, group: Group): Channel {
    return this.turn((turn) => migrate(turn, group, by))
  }

  pin(by: Account, post: Post, options: PinOptions = {}): void {
    this.turn((turn) => pin(turn, post, by, options))
  }

  unpin(by: Account, post: Post): void {
    this.pin(by, post, { unpin: true })
  }

  createTopic(by: Account, channel: Channel, title: string): Post {
    return this.turn((turn) => createTopic(turn, channel, by, title))
  }

  editTopic(by: Account, channel: Channel, id: number, change: TopicChange): void {
    this.turn((turn) => editTopic(turn, channel, by, id, change))
  }

  removeTopic(by: Account, channel: Channel, id: number): void {
    this.turn((turn) => removeTopic(turn, channel, by, id))
  }
}
