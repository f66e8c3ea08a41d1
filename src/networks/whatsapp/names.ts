import type { RemoteUserId } from '../../model/ids.ts'
import type { RemoteSender, RemoteUser } from '../../model/remote-event.ts'
import { isLid, phoneOf, toUserId } from './ids.ts'
import { pictureOf } from './media-ref.ts'
import type { Contact, Self, View } from './view.ts'

const LONGEST_NAME = 130

type Known = Pick<View, 'aliasOf'>
type Named = Pick<View, 'aliasOf' | 'contact'>

/** One line without control characters and without marks that turn the direction of what follows. */
export function cleanName(name: string): string {
  const line = name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ' ').replace(/\s+/g, ' ')
  return Array.from(line.trim().toWellFormed()).slice(0, LONGEST_NAME).join('').trim()
}

/** All ids of a person, the one that counts first: the LID, which stays when somebody changes their number. */
export function idsOf(view: Known, user: RemoteUserId): [RemoteUserId, ...RemoteUserId[]] {
  const other = view.aliasOf(user)
  if (other === undefined || other === user) return [user]
  return isLid(user) ? [user, other] : [other, user]
}

/** What a person is called in the bridge: by LID if it is known, else by phone number. */
export const canonical = (view: Known, user: RemoteUserId): RemoteUserId => idsOf(view, user)[0]

/** A person by an address that came with a message; undefined when it is nobody's. */
export function personId(view: Known, jid: string | null | undefined): RemoteUserId | undefined {
  const user = toUserId(jid)
  return user === undefined ? undefined : canonical(view, user)
}

/** Whether an id is one of the account's own. */
export const isSelf = ({ self }: { self: Self }, user: RemoteUserId | undefined): boolean =>
  user !== undefined && (user === self.phone || user === self.lid)

/** What everybody may call a person: the verified name of a business, else what they call themselves. */
export const publicName = (contact: Contact | undefined): string | undefined =>
  cleanName(contact?.business ?? '') || cleanName(contact?.push ?? '') || undefined

/** By what a person can be found: the user name, else the phone number. */
export function handleOf(view: Named, user: RemoteUserId): string | undefined {
  const ids = idsOf(view, user)
  const username = cleanName(ids.map((id) => view.contact(id)?.username).find(Boolean) ?? '')
  if (username !== '') return `@${username}`
  const numbers = [...ids.map(phoneOf), ...ids.map((id) => view.contact(id)?.number)]
  return numbers.find((number) => number !== undefined)
}

/** What is known under all ids of a person. */
export function contactOf(view: Named, user: RemoteUserId): Contact | undefined {
  const all = idsOf(view, user).flatMap((id) => view.contact(id) ?? [])
  return all.length === 0 ? undefined : (all.reduceRight((rest, first) => ({ ...rest, ...first })) as Contact)
}

/** A person for whoever shares the room; the address book is added only where nobody else is (`direct`). */
export function personOf(view: Named, user: RemoteUserId, options: { direct?: boolean } = {}): RemoteUser {
  const [id, ...aliases] = idsOf(view, user)
  const contact = contactOf(view, id)
  const name = publicName(contact)
  const handle = handleOf(view, id)
  const saved = options.direct === true ? contact?.saved : undefined
  const picture = contact?.picture?.id
  return {
    id,
    ...(aliases.length > 0 && { aliases }),
    ...(name !== undefined && { name }),
    ...(handle !== undefined && { handle }),
    ...(saved !== undefined && { contactName: cleanName(saved) }),
    ...(picture !== undefined && { avatar: picture === null ? null : pictureOf(id, picture) }),
    ...(id.endsWith('@bot') && { bot: true }),
  }
}

/** Who said or did something. A user of this bridge who used their phone is marked as such. */
export function senderOf(view: View, user: RemoteUserId, options: { direct?: boolean } = {}): RemoteSender {
  const person = personOf(view, user, options)
  const login = isSelf(view, user) || isSelf(view, person.id) ? view.login : loginOf(view, person)
  return { ...person, ...(login !== undefined && { self: login }) }
}

const loginOf = (view: View, { id, aliases = [] }: RemoteUser) =>
  [id, ...aliases].map((each) => view.loginOf(each)).find((login) => login !== undefined)

/** What a direct chat is called: nobody else reads it, so the address book comes first. */
export function directName(view: Named & { self: Self }, user: RemoteUserId): string | undefined {
  if (isSelf(view, user)) return 'Message yourself'
  const contact = contactOf(view, user)
  return cleanName(contact?.saved ?? '') || publicName(contact) || handleOf(view, user)
}

/** What to call somebody in a sentence. Never a name of an address book: the sentence may be read by others. */
export const nameOf = (view: Named, user: RemoteUserId): string =>
  publicName(contactOf(view, user)) ?? handleOf(view, user) ?? 'somebody'

/** The names of people in a sentence: `Ann, Bob and Cem`, of many only the first ones. */
export function namesOf(view: Named, users: readonly RemoteUserId[], most = 5): string {
  const names = users.slice(0, most).map((user) => nameOf(view, user))
  if (users.length > most) names.push(`${users.length - most} others`)
  const last = names.pop()
  if (last === undefined) return 'nobody'
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}
