import { randomBytes } from 'node:crypto'
import type { Node } from '../contract.ts'
import type { Picture, SimAccount } from './account.ts'
import type { Addressing } from './jid.ts'
import { GROUP_SERVER, formatJid, other } from './jid.ts'

export type Role = 'member' | 'admin' | 'superadmin'

type Said = { readonly text: string; readonly by: SimAccount; readonly t: number }

/** A group and who is in it. */
export class Group {
  readonly jid: string
  readonly id: string
  readonly creator: SimAccount
  readonly creation: number
  readonly addressing: Addressing
  readonly members = new Map<SimAccount, Role>()
  /** Those who asked to join, with when (seconds). */
  readonly requests = new Map<SimAccount, number>()
  subject: Said
  description: (Said & { readonly id: string }) | undefined
  picture: Picture | undefined
  inviteCode = newInviteCode()
  /** Only admins may write. */
  isAnnounce = false
  /** Only admins may change what the group is called and looks like. */
  isLocked = false
  /** Who joins by link waits for an admin. */
  needsApproval = false
  mayAllAdd = true
  /** Seconds after which messages disappear; 0 never. */
  ephemeral = 0
  /** Nobody writes in it: it holds groups together. */
  isCommunity = false
  /** The community that it belongs to. */
  parent: Group | undefined

  constructor(id: string, creator: SimAccount, subject: string, addressing: Addressing, t: number) {
    this.id = id
    this.jid = formatJid(id, GROUP_SERVER)
    this.creator = creator
    this.creation = t
    this.addressing = addressing
    this.subject = { text: subject, by: creator, t }
    this.members.set(creator, 'superadmin')
  }

  isAdmin(account: SimAccount): boolean {
    const role = this.members.get(account)
    return role === 'admin' || role === 'superadmin'
  }

  /** A person under both addresses, the group's own form first. */
  person(account: SimAccount, extra: Record<string, string> = {}): Node {
    const alternate = this.addressing === 'lid' ? 'phone_number' : 'lid'
    const attrs = {
      jid: account.jid(this.addressing),
      [alternate]: account.jid(other(this.addressing)),
      ...extra,
    }
    return { tag: 'participant', attrs }
  }

  /** All of it, as queries and `create` show it. */
  node(): Node {
    const alternate = other(this.addressing)
    const { subject, description } = this
    const attrs: Record<string, string> = {
      id: this.id,
      addressing_mode: this.addressing,
      creation: String(this.creation),
      creator: this.creator.jid(this.addressing),
      [`creator_${alternate}`]: this.creator.jid(alternate),
      subject: subject.text,
      s_t: String(subject.t),
      s_o: subject.by.jid(this.addressing),
      [`s_o_${alternate}`]: subject.by.jid(alternate),
      size: String(this.members.size),
    }
    const flags = [...(this.isAnnounce ? ['announcement'] : []), ...(this.isLocked ? ['locked'] : [])].map(
      (tag) => ({ tag, attrs: {} }),
    )
    const content: Node[] = [
      ...[...this.members].map(([member, role]) =>
        this.person(member, role === 'member' ? {} : { type: role }),
      ),
      ...flags,
      { tag: 'member_add_mode', attrs: {}, content: this.mayAllAdd ? 'all_member_add' : 'admin_add' },
    ]
    if (description !== undefined) content.push(this.descriptionNode(description))
    if (this.isCommunity) content.push({ tag: 'parent', attrs: {} })
    if (this.parent !== undefined) content.push({ tag: 'linked_parent', attrs: { jid: this.parent.jid } })
    if (this.ephemeral > 0) content.push({ tag: 'ephemeral', attrs: { expiration: String(this.ephemeral) } })
    if (this.needsApproval) {
      const join = { tag: 'group_join', attrs: { state: 'on' } }
      content.push({ tag: 'membership_approval_mode', attrs: {}, content: [join] })
    }
    return { tag: 'group', attrs, content }
  }

  private descriptionNode({ id, text, by, t }: Said & { readonly id: string }): Node {
    const attrs = {
      id,
      t: String(t),
      participant: by.jid(this.addressing),
      [`participant_${other(this.addressing)}`]: by.jid(other(this.addressing)),
    }
    return { tag: 'description', attrs, content: [{ tag: 'body', attrs: {}, content: Buffer.from(text) }] }
  }
}

/** What follows `https://chat.whatsapp.com/`. */
export function newInviteCode(): string {
  return randomBytes(16).toString('base64url')
}
