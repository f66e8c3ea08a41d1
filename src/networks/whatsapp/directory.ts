import { ViaductError, messageOf } from '../../model/errors.ts'
import type { ActingUser, Login } from '../../model/network.ts'
import type { RemoteChat, RemoteUser } from '../../model/remote-event.ts'
import type { Accounts } from './accounts.ts'
import { remoteChat } from './chats.ts'
import { refusalOf } from './ending.ts'
import { requestVerdict } from './errors.ts'
import { directChat, isGroup, toChatId, toUserId } from './ids.ts'
import { canonical, directName, personOf } from './names.ts'

const INVITE = /(?:chat\.whatsapp\.com\/(?:invite\/)?)([\w-]{10,})/i
const MOST_FOUND = 50

/** Looks people up by phone number, enters groups by link, lists and leaves them. */
export class Directory {
  readonly #accounts: Accounts

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  /** @throws ViaductError with words for the user */
  async find(login: Login, identifier: string): Promise<RemoteUser & { chat: RemoteChat }> {
    const { session, connection } = this.#accounts.liveOf(login.id)
    const digits = identifier.replace(/[\s().+/-]/g, '').replace(/^00/, '')
    if (!/^[1-9]\d{5,14}$/.test(digits))
      throw new ViaductError(
        'bad_request',
        'Give a phone number with its country code, such as +49 151 12345678.',
      )
    const [found] = (await asked(connection.baileys.onWhatsApp(digits))) ?? []
    const user = found?.exists ? toUserId(found.jid) : undefined
    if (user === undefined) throw new ViaductError('network_refused', `+${digits} is not on WhatsApp.`)
    // Asked for now, so that the conversation begins under the id that it keeps.
    await connection.baileys.signalRepository.lidMapping.getLIDForPN(user)
    const { view } = session
    const id = canonical(view, user)
    return { ...personOf(view, id, { direct: true }), chat: remoteChat(view, directChat(id)) }
  }

  async join(by: ActingUser, identifier: string): Promise<RemoteChat> {
    const { session, connection } = this.#accounts.liveOf(loginOf(by).id)
    const code = INVITE.exec(identifier)?.[1]
    if (code === undefined)
      throw new ViaductError(
        'bad_request',
        'Give the link of an invitation, such as https://chat.whatsapp.com/….',
      )
    const id = toChatId(await asked(connection.baileys.groupAcceptInvite(code), LINK_REFUSALS))
    if (id === undefined)
      throw new ViaductError(
        'network_refused',
        'You are not in the group yet: its administrators have to agree.',
      )
    connection.groups.set(await connection.baileys.groupMetadata(id))
    return remoteChat(session.view, id)
  }

  async leave(by: ActingUser, chat: RemoteChat): Promise<void> {
    const { connection } = this.#accounts.liveOf(loginOf(by).id)
    if (!isGroup(chat.id)) throw new ViaductError('unsupported', 'Only groups can be left.')
    await asked(connection.baileys.groupLeave(chat.id))
    connection.groups.delete(chat.id)
  }

  async list(login: Login, query: string): Promise<{ id: string; name: string; members?: number }[]> {
    const { session, connection } = this.#accounts.liveOf(login.id)
    const wanted = query.trim().toLowerCase()
    const groups = connection.groups.all.map(({ id, subject, participants }) => ({
      id,
      name: subject,
      members: participants.length,
    }))
    const people = connection.book.people.flatMap((user) => {
      const name = directName(session.view, user)
      return name === undefined || canonical(session.view, user) !== user ? [] : [{ id: user, name }]
    })
    return [...groups, ...people]
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .slice(0, MOST_FOUND)
  }
}

/** Says in words what the server refuses. @throws ViaductError */
async function asked<T>(answer: Promise<T>, refusals: Readonly<Record<number, string>> = {}): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    const code = refusalOf(cause)
    const verdict = code === undefined || code === 408 || code === 428 ? undefined : requestVerdict(code)
    if (code === undefined || verdict === undefined)
      throw new ViaductError('network_down', `WhatsApp has not answered: ${messageOf(cause)}`, { cause })
    if (verdict.kind === 'rejected')
      throw new ViaductError(verdict.code, refusals[code] ?? verdict.why, { cause })
    throw new ViaductError('network_refused', refusals[code] ?? `WhatsApp refused it (${code}).`, { cause })
  }
}

const LINK_REFUSALS: Readonly<Record<number, string>> = {
  401: 'You were removed from this group, so its link does not let you in.',
  404: 'This link leads to no group.',
  406: 'This link leads to no group.',
  409: 'You are in this group already.',
  410: 'This link is not valid any more.',
  419: 'The group has as many members as WhatsApp takes.',
}

function loginOf({ login }: ActingUser): Login {
  if (login === undefined) throw new ViaductError('not_logged_in')
  return login
}
