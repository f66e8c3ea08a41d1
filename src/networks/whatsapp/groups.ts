import { WAMessageAddressingMode } from '@whiskeysockets/baileys'
import type { GroupMetadata, GroupParticipant, ParticipantAction } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import { isLid, isPhone, phoneOf, toChatId, toUserId } from './ids.ts'
import type { GroupFacts, GroupRole } from './view.ts'

/** The groups that an account is in, as far as the server has told of them on this connection. */
export class Groups {
  readonly #groups = new Map<RemoteChatId, GroupMetadata>()
  /** Told of since the list was asked for. */
  readonly #told = new Set<RemoteChatId>()
  readonly #numbers = new Map<RemoteUserId, string>()

  get all(): GroupMetadata[] {
    return [...this.#groups.values()]
  }

  /** What Baileys has to know to write to a group. */
  metadata(jid: string): GroupMetadata | undefined {
    const id = toChatId(jid)
    return id === undefined ? undefined : this.#groups.get(id)
  }

  /** The complete list of groups is asked for. What is told of a group before it comes is newer than the list. */
  ask(): void {
    this.#told.clear()
  }

  /** The complete list of groups, as it was when it was asked for. */
  replace(groups: readonly GroupMetadata[]): void {
    const told = new Set(this.#told)
    for (const id of this.#groups.keys()) if (!told.has(id)) this.#groups.delete(id)
    for (const group of groups) {
      const id = toChatId(group.id)
      if (id !== undefined && !told.has(id)) this.set(group)
    }
  }

  set(group: GroupMetadata): void {
    const id = toChatId(group.id)
    if (id === undefined) return
    this.#groups.set(id, group)
    this.#told.add(id)
    this.#learn(group.participants)
  }

  update({ id: jid, ...news }: Partial<GroupMetadata>): void {
    const id = toChatId(jid)
    const group = id && this.#groups.get(id)
    if (group !== undefined) Object.assign(group, defined(news))
  }

  change(jid: string, people: readonly GroupParticipant[], action: ParticipantAction): void {
    const group = this.metadata(jid)
    if (group === undefined) return
    this.#learn(people)
    const ids = new Set(people.flatMap(addressesOf))
    const isMeant = (each: GroupParticipant) => addressesOf(each).some((id) => ids.has(id))
    if (action === 'add' || action === 'remove') {
      const others = group.participants.filter((each) => !isMeant(each))
      group.participants = action === 'add' ? [...others, ...people] : others
    } else if (action === 'promote' || action === 'demote') {
      const admin = action === 'promote' ? 'admin' : null
      group.participants = group.participants.map((each) => (isMeant(each) ? { ...each, admin } : each))
    }
  }

  delete(jid: string): void {
    const id = toChatId(jid)
    if (id === undefined) return
    this.#groups.delete(id)
    this.#told.add(id)
  }

  /** The phone number (`+` and digits) of somebody who is addressed by LID. */
  numberOf(user: RemoteUserId): string | undefined {
    return this.#numbers.get(user)
  }

  disappearingOf(chat: RemoteChatId): number | undefined {
    return this.#groups.get(chat)?.ephemeralDuration
  }

  #learn(people: readonly GroupParticipant[]): void {
    for (const person of people) {
      const ids = addressesOf(person)
      const [lid, number] = [ids.find(isLid), phoneOf(ids.find(isPhone))]
      if (lid !== undefined && number !== undefined) this.#numbers.set(lid, number)
    }
  }

  facts(chat: RemoteChatId): GroupFacts | undefined {
    const group = this.#groups.get(chat)
    if (group === undefined) return undefined
    const parent = toChatId(group.linkedParent)
    const parentName = parent && this.#groups.get(parent)?.subject
    return {
      name: group.subject,
      ...(group.desc !== undefined && { topic: group.desc }),
      role: (user) => roleOf(group, user),
      ...(group.addressingMode !== undefined && {
        byLid: group.addressingMode === WAMessageAddressingMode.LID,
      }),
      ...(group.isCommunity === true && { community: true }),
      announce: group.announce === true,
      restrict: group.restrict === true,
      ...(parent !== undefined && {
        parent: { id: parent, ...(parentName !== undefined && { name: parentName }) },
      }),
    }
  }
}

/** Everybody in a group, by the address under which the group has them. */
export const membersOf = (group: GroupMetadata): RemoteUserId[] =>
  group.participants.flatMap(({ id }) => toUserId(id) ?? [])

function roleOf(group: GroupMetadata, user: RemoteUserId): GroupRole | undefined {
  const member = group.participants.find((each) => addressesOf(each).includes(user))
  if (member === undefined) return undefined
  if (member.admin === 'superadmin' || member.isSuperAdmin === true) return 'owner'
  return member.admin === 'admin' || member.isAdmin === true ? 'admin' : 'member'
}

const addressesOf = ({ id, lid, phoneNumber }: GroupParticipant): RemoteUserId[] =>
  [id, lid, phoneNumber].flatMap((jid) => toUserId(jid) ?? [])

const defined = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
