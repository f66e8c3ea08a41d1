import type { tl } from '@mtcute/core'
import type { RemoteSender, RemoteUser } from '../../model/remote-event.ts'
import { personId, toUserId } from './ids.ts'
import type { TgSender } from './ids.ts'
import { profilePicture } from './picture.ts'
import type { View } from './view.ts'

const DELETED = 'Deleted account'
const LONGEST_NAME = 130

const joined = (first: string | undefined, last: string | undefined): string =>
  cleanName([first ?? '', last ?? ''].join(' '))

/** One line without control characters and without marks that turn the direction of what follows. */
export function cleanName(name: string): string {
  const line = name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ' ').replace(/\s+/g, ' ')
  return Array.from(line.trim().toWellFormed()).slice(0, LONGEST_NAME).join('').trim()
}

/**
 * What everybody may call a person. Undefined where the object holds the viewer's own address book: for contacts the
 * server puts the saved name in place of the public one (core.telegram.org/constructor/user, flag `contact`), and that
 * one is nobody else's business and changes with the viewer.
 */
export function publicName(user: tl.RawUser): string | undefined {
  if (user.deleted === true) return DELETED
  if (user.contact === true && user.self !== true) return undefined
  return joined(user.firstName, user.lastName) || undefined
}

/** What the viewer's address book calls a person; empty when they are not in it, undefined when it is not known. */
export function contactName(user: tl.RawUser): string | undefined {
  if (user.min === true) return undefined
  if (user.contact !== true || user.self === true || user.deleted === true) return ''
  return joined(user.firstName, user.lastName)
}

/** The active user name, without `@`. */
export function usernameOf(of: { username?: string; usernames?: tl.RawUsername[] }): string | undefined {
  return of.username ?? of.usernames?.find((each) => each.active === true)?.username
}

/** A person for whoever shares the room; the address book is added only where nobody else is (`direct`). */
export function remoteUser(user: tl.RawUser, options: { direct?: boolean } = {}): RemoteUser {
  const name = publicName(user)
  const handle = usernameOf(user)
  const saved = options.direct === true ? contactName(user) : undefined
  const avatar = profilePicture(user)
  return {
    id: personId(user.id),
    ...(name !== undefined && { name }),
    ...(handle !== undefined && { handle: `@${handle}` }),
    ...(saved !== undefined && { contactName: saved }),
    ...(user.bot === true && { bot: true }),
    ...(avatar !== undefined && { avatar }),
  }
}

/** A person by number: with all that is known, or the bare id. */
export function personOf(view: View, id: number, options: { direct?: boolean } = {}): RemoteUser {
  const user = view.user(id)
  return user === undefined ? { id: personId(id) } : remoteUser(user, options)
}

/** Who said or did something. A user of this bridge who used their phone is marked as such. */
export function senderOf(view: View, sender: TgSender, options: { direct?: boolean } = {}): RemoteSender {
  if (sender.kind === 'user') {
    const self = sender.id === view.account ? view.login : view.loginOf(sender.id)
    return { ...personOf(view, sender.id, options), ...(self !== undefined && { self }) }
  }
  const channel = view.channel(sender.id)
  const name = channel === undefined ? '' : cleanName(channel.title)
  const handle = channel?._ === 'channel' ? usernameOf(channel) : undefined
  const avatar = channel?._ === 'channel' ? profilePicture(channel) : undefined
  return {
    id: toUserId(sender),
    ...(name !== '' && { name }),
    ...(handle !== undefined && { handle: `@${handle}` }),
    ...(avatar !== undefined && { avatar }),
  }
}

/** What to call somebody in a sentence. Never a name of an address book: the sentence may be read by others. */
export function nameOf(view: View, sender: TgSender): string {
  const { name, handle } = senderOf(view, sender)
  return name ?? handle ?? (sender.kind === 'user' ? 'somebody' : 'a channel')
}

/** The names of people in a sentence: `Ann, Bob and Cem`, of many only the first ones. */
export function namesOf(view: View, users: readonly number[], most = 5): string {
  const names = users.slice(0, most).map((id) => nameOf(view, { kind: 'user', id }))
  if (users.length > most) names.push(`${users.length - most} others`)
  const last = names.pop()
  if (last === undefined) return 'nobody'
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}

/**
 * What is known of a user once another object of them came. Incomplete ones (flag `min`, sent in big groups) only fill
 * gaps: their names may differ from what the viewer sees, their access hash is good for the picture alone, and many of
 * their flags mean nothing (core.telegram.org/api/min).
 */
export function mergeUser(known: tl.RawUser | undefined, incoming: tl.RawUser): tl.RawUser {
  if (known === undefined || incoming.min !== true || known.min === true) return incoming
  const photo = incoming.applyMinPhoto === true ? incoming.photo : known.photo
  return {
    ...known,
    ...(photo !== undefined && { photo }),
    ...(incoming.status !== undefined && { status: incoming.status }),
  }
}

/** As `mergeUser`, for channels: an incomplete one says nothing of membership and rights. */
export function mergeChannel(known: tl.RawChannel | undefined, incoming: tl.RawChannel): tl.RawChannel {
  if (known === undefined || incoming.min !== true || known.min === true) return incoming
  return { ...known, title: incoming.title, photo: incoming.photo }
}
