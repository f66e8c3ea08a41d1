import type { Node } from '../contract.ts'
import { childrenOf, errorOf, resultOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import type { Group, Role } from './group.ts'
import { newInviteCode } from './group.ts'
import type { Groups } from './groups.ts'
import { createNotice, namedIn } from './groups.ts'

type Change = 'add' | 'remove' | 'promote' | 'demote'

const NEW_ROLE: Record<'promote' | 'demote', Role> = { promote: 'admin', demote: 'member' }

/** Who is in a group: making it, adding, removing, roles, leaving, invite links and requests to join. */
export class Membership {
  private readonly core: Core
  private readonly groups: Groups

  constructor(core: Core, groups: Groups) {
    this.core = core
    this.groups = groups
  }

  /** Undefined when the request is not about members. */
  handle(from: SimDevice, iq: Node, group: Group | undefined): Node | undefined {
    const [first] = childrenOf(iq)
    switch (first?.tag) {
      case 'create':
        return this.create(from, iq, first)
      case 'leave':
        return this.leave(from, iq, first)
      case 'invite':
        return group === undefined ? this.joinByLink(from, iq, first) : this.renewLink(from, iq, group)
      case 'accept':
        return this.accept(from, iq, first, group)
      case 'add':
      case 'remove':
      case 'promote':
      case 'demote':
        return group === undefined ? undefined : this.change(from, iq, first, first.tag, group)
      case 'membership_requests_action':
        return group === undefined ? undefined : this.decide(from, iq, first, group)
      case 'revoke':
        return group === undefined ? undefined : resultOf(iq)
      default:
        return undefined
    }
  }

  private create(from: SimDevice, iq: Node, create: Node): Node {
    const subject = create.attrs['subject'] ?? ''
    const group = this.groups.make({ subject, creator: from.account })
    for (const { account } of namedIn(this.core, create)) {
      if (account === undefined || group.members.has(account)) continue
      if (account.privacy.get('groupadd') !== 'none') this.groups.join(group, account)
    }
    const options = childrenOf(create)
    const ephemeral = options.find(({ tag }) => tag === 'ephemeral')
    group.ephemeral = Number(ephemeral?.attrs['expiration'] ?? 0)
    group.isAnnounce = options.some(({ tag }) => tag === 'announcement')
    group.isLocked = options.some(({ tag }) => tag === 'locked')
    const key = create.attrs['key']
    this.groups.notify(
      group,
      from,
      createNotice(group, { type: 'new', ...(key === undefined ? {} : { key }) }),
    )
    return resultOf(iq, [group.node()])
  }

  private leave(from: SimDevice, iq: Node, leave: Node): Node {
    const left = childrenOf(leave).flatMap(({ attrs }) => {
      const group = this.groups.find(attrs['id'])
      if (group === undefined || !group.members.has(from.account)) return []
      const before = [...group.members.keys()]
      group.members.delete(from.account)
      this.groups.notify(group, from, named('remove', group, [from.account]), before)
      this.promoteSomebody(group, from)
      return [{ tag: 'group', attrs: { id: group.jid } }]
    })
    return resultOf(iq, [{ tag: 'leave', attrs: {}, content: left }])
  }

  /** A group without an admin gets its oldest member as one. */
  private promoteSomebody(group: Group, from: SimDevice): void {
    const [oldest] = group.members.keys()
    if (oldest === undefined || [...group.members.keys()].some((member) => group.isAdmin(member))) return
    group.members.set(oldest, 'admin')
    this.groups.notify(group, from, named('promote', group, [oldest]))
  }

  private change(from: SimDevice, iq: Node, asked: Node, how: Change, group: Group): Node {
    const isAdmin = group.isAdmin(from.account)
    const may = isAdmin || (how === 'add' && group.mayAllAdd && group.members.has(from.account))
    if (!may) return errorOf(iq, 403, 'forbidden')
    const before = [...group.members.keys()]
    const results = namedIn(this.core, asked).map(({ jid, account }) => {
      const error = account === undefined ? 404 : this.apply(group, account, how)
      const known = account === undefined ? { jid } : { ...group.person(account).attrs, jid }
      return { account, error, attrs: error === undefined ? known : { ...known, error: String(error) } }
    })
    const done = results.flatMap(({ account, error }) =>
      account === undefined || error !== undefined ? [] : [account],
    )
    if (done.length > 0) this.tell(group, from, how, done, before)
    const content = results.map(({ attrs }) => ({ tag: 'participant', attrs }))
    return resultOf(iq, [{ tag: how, attrs: {}, content }])
  }

  /** The error of WhatsApp for one person, or undefined when it is done. */
  private apply(group: Group, account: SimAccount, how: Change): number | undefined {
    const role = group.members.get(account)
    if (how === 'add') {
      if (role !== undefined) return 409
      if (account.privacy.get('groupadd') === 'none') return 403
      this.groups.join(group, account)
      return undefined
    }
    if (role === undefined) return 404
    if (role === 'superadmin') return 406
    if (how === 'remove') group.members.delete(account)
    else group.members.set(account, NEW_ROLE[how])
    return undefined
  }

  private tell(group: Group, from: SimDevice, how: Change, done: SimAccount[], before: SimAccount[]): void {
    if (how === 'add' && this.core.switches.addedHearCreate) {
      this.groups.notify(group, from, named(how, group, done), before)
      this.groups.notify(group, from, createNotice(group), done)
    } else {
      this.groups.notify(group, from, named(how, group, done), [...before, ...done])
    }
  }

  private joinByLink(from: SimDevice, iq: Node, invite: Node): Node {
    const group = this.groups.byInvite(invite.attrs['code'])
    if (group === undefined) return errorOf(iq, 406, 'not-acceptable')
    if (group.members.has(from.account)) return errorOf(iq, 409, 'conflict')
    if (group.needsApproval) {
      group.requests.set(from.account, this.core.now())
      const attrs = { request_method: 'invite_link' }
      const content = [group.person(from.account)]
      const admins = [...group.members.keys()].filter((member) => group.isAdmin(member))
      this.groups.notify(group, from, { tag: 'created_membership_requests', attrs, content }, admins)
      return resultOf(iq, [{ tag: 'membership_approval_request', attrs: { jid: group.jid } }])
    }
    this.enter(group, from)
    return resultOf(iq, [{ tag: 'group', attrs: { jid: group.jid } }])
  }

  /** By an invitation that was sent as a message. */
  private accept(from: SimDevice, iq: Node, accept: Node, group: Group | undefined): Node {
    if (group === undefined || group.inviteCode !== accept.attrs['code'])
      return errorOf(iq, 406, 'not-acceptable')
    this.enter(group, from)
    return { ...resultOf(iq), attrs: { ...resultOf(iq).attrs, from: group.jid } }
  }

  private enter(group: Group, from: SimDevice): void {
    const before = [...group.members.keys()]
    this.groups.join(group, from.account)
    const change = named('add', group, [from.account])
    this.groups.notify(group, from, { ...change, attrs: { reason: 'invite' } }, before)
    this.groups.notify(group, from, createNotice(group, { reason: 'invite' }), [from.account])
  }

  private renewLink(from: SimDevice, iq: Node, group: Group): Node {
    if (!group.isAdmin(from.account)) return errorOf(iq, 403, 'forbidden')
    group.inviteCode = newInviteCode()
    const invite = { tag: 'invite', attrs: { code: group.inviteCode } }
    this.groups.notify(group, from, invite)
    return resultOf(iq, [invite])
  }

  private decide(from: SimDevice, iq: Node, asked: Node, group: Group): Node {
    if (!group.isAdmin(from.account)) return errorOf(iq, 403, 'forbidden')
    const content = childrenOf(asked).map((action) => {
      const people = namedIn(this.core, action).map(({ jid, account }) => {
        const isAsking = account !== undefined && group.requests.delete(account)
        if (isAsking && action.tag === 'approve') {
          const before = [...group.members.keys()]
          this.groups.join(group, account)
          this.tell(group, from, 'add', [account], before)
        }
        return { tag: 'participant', attrs: isAsking ? { jid } : { jid, error: '404' } }
      })
      return { tag: action.tag, attrs: {}, content: people }
    })
    return resultOf(iq, [{ tag: 'membership_requests_action', attrs: {}, content }])
  }
}

/** A change and those whom it is about. */
function named(tag: Change, group: Group, accounts: readonly SimAccount[]): Node {
  const content = accounts.map((account) => {
    const role = group.members.get(account)
    return group.person(account, role === undefined || role === 'member' ? {} : { type: role })
  })
  return { tag, attrs: {}, content }
}
