import type { Mention } from '../model/content.ts'
import type { MatrixUserId, RemoteUserId } from '../model/ids.ts'
import { isUserId } from './event.ts'
import { walkHtml } from './html-walk.ts'
import { arrayAt, objectAt, valueAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

/** What is known of people who may be named in a text. */
export type KnownPeople = {
  resolveMention?(user: MatrixUserId): { remote?: RemoteUserId; name?: string } | undefined
}

/** More people than a message can sensibly call; bounds the size of what we send. */
const MOST_MENTIONS = 50

const PILL = /^(?:https:\/\/matrix\.to\/#\/|matrix:u\/)([^?#]+)/i
const LINKS = new Set(['a'])

/** The Matrix user that a link stands for (specification, "matrix.to navigation" and "Matrix URI scheme"). */
export function pillUser(href: string): MatrixUserId | undefined {
  const found = PILL.exec(href)?.[1]
  if (found === undefined) return undefined
  const user = decoded(found)
  const id = /^matrix:/i.test(href) ? `@${user}` : user
  return isUserId(id) ? id : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Who is named by pills in (sanitised) HTML, in order. */
export function pills(html: string): MatrixUserId[] {
  const users: MatrixUserId[] = []
  walkHtml(html, LINKS, {
    open: (_tag, attributes) => {
      const user = pillUser(attributes.get('href') ?? '')
      if (user !== undefined) users.push(user)
    },
    close: () => {},
    text: () => {},
  })
  return users
}

/** Who an event's content calls: `m.mentions`, and whoever a pill names, so that the pill can be rewritten. */
export function readMentions(
  content: Json,
  text: { body: string; html?: string },
  known: KnownPeople = {},
): { mentions?: Mention[]; mentionsRoom?: boolean } {
  const declared = objectAt(content, 'm.mentions')
  const users = new Set<MatrixUserId>()
  for (const user of declared === undefined ? [] : arrayAt(declared, 'user_ids')) {
    if (isUserId(user)) users.add(user)
  }
  for (const user of text.html === undefined ? [] : pills(text.html)) users.add(user)
  // Clients older than m.mentions call the room by writing @room.
  const room = declared === undefined ? /(?:^|\s)@room\b/.test(text.body) : valueAt(declared, 'room') === true
  const mentions = [...users].slice(0, MOST_MENTIONS).map((user) => {
    const person = known.resolveMention?.(user)
    return {
      user,
      ...(person?.remote === undefined ? {} : { remote: person.remote }),
      ...(person?.name === undefined ? {} : { name: person.name }),
    }
  })
  return { ...(mentions.length > 0 ? { mentions } : {}), ...(room ? { mentionsRoom: true } : {}) }
}

/** `m.mentions` for an event of ours: always present, so that no client guesses from the text. */
export function writeMentions(mentions: Mention[] = [], room = false): Json {
  const users = [...new Set(mentions.map((one) => one.user))].slice(0, MOST_MENTIONS)
  return { ...(users.length > 0 ? { user_ids: users } : {}), ...(room ? { room: true } : {}) }
}
