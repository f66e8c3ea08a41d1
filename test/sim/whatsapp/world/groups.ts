import type { Node } from '../contract.ts'
import { childrenOf, errorOf, resultOf } from '../node.ts'
import type { SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { deliverTo, notification } from './core.ts'
import { Group } from './group.ts'
import { other } from './jid.ts'

export type GroupOptions = { readonly subject: string; readonly creator: SimAccount }

/** All groups: making, finding, asking for them, and telling members what changed. */
export class Groups {
  private readonly core: Core
  private readonly groups = new Map<string, Group>()
  private made = 0

  constructor(core: Core) {
    this.core = core
  }

  find(jid: string | undefined): Group | undefined {
    return this.groups.get(jid ?? '')
  }

  byInvite(code: string | undefined): Group | undefined {
    return [...this.groups.values()].find(({ inviteCode }) => inviteCode === code)
  }

  of(account: SimAccount): Group[] {
    return [...this.groups.values()].filter(({ members }) => members.has(account))
  }

  /** A group of its creator alone. */
  make({ subject, creator }: GroupOptions): Group {
    const id = `12036300000000${String(++this.made).padStart(4, '0')}`
    const group = new Group(id, creator, subject, this.core.switches.groupAddressing, this.core.now())
    this.groups.set(group.jid, group)
    return group
  }

  /** Group members know each other from now on. */
  join(group: Group, account: SimAccount): void {
    for (const member of group.members.keys()) {
      member.known.add(account)
      account.known.add(member)
    }
    group.requests.delete(account)
    group.members.set(account, 'member')
  }

  /** Queries (`get`) of the namespace `w:g2`. */
  query(from: SimDevice, iq: Node): Node | undefined {
    const [first] = childrenOf(iq)
    if (first?.tag === 'participating') {
      const content = this.of(from.account).map((group) => group.node())
      return resultOf(iq, [{ tag: 'groups', attrs: {}, content }])
    }
    if (first?.tag === 'invite' && first.attrs['code'] !== undefined) {
      const invited = this.byInvite(first.attrs['code'])
      return invited === undefined ? errorOf(iq, 406, 'not-acceptable') : resultOf(iq, [invited.node()])
    }
    const group = this.find(iq.attrs['to'])
    if (group === undefined) return errorOf(iq, 404, 'item-not-found')
    if (!group.members.has(from.account)) return errorOf(iq, 403, 'forbidden')
    if (first?.tag === 'query') return resultOf(iq, [group.node()])
    if (first?.tag === 'invite') {
      if (!group.isAdmin(from.account)) return errorOf(iq, 403, 'forbidden')
      return resultOf(iq, [{ tag: 'invite', attrs: { code: group.inviteCode } }])
    }
    if (first?.tag === 'membership_approval_requests') return resultOf(iq, [requestsOf(group)])
    return undefined
  }

  /** Tells members what somebody changed; `to` only these. */
  notify(
    group: Group,
    actor: SimDevice,
    change: Node,
    to: Iterable<SimAccount> = group.members.keys(),
  ): void {
    const node = this.notice(group, actor.account, change)
    const except = this.core.switches.notifiesActor ? undefined : actor
    for (const account of new Set(to)) deliverTo(account, node, except)
  }

  /** As from an actor without a device at hand. */
  notifyAs(group: Group, actor: SimAccount, change: Node): void {
    const node = this.notice(group, actor, change)
    for (const account of group.members.keys()) deliverTo(account, node)
  }

  private notice(group: Group, actor: SimAccount, change: Node): Node {
    const alternate = other(group.addressing)
    return notification(this.core, 'w:gp2', group.jid, [change], {
      participant: actor.jid(group.addressing),
      [`participant_${alternate}`]: actor.jid(alternate),
      addressing_mode: group.addressing,
      notify: actor.name,
    })
  }
}

/** What somebody new to a group hears. */
export function createNotice(group: Group, extra: Record<string, string> = {}): Node {
  return { tag: 'create', attrs: extra, content: [group.node()] }
}

function requestsOf(group: Group): Node {
  const content = [...group.requests].map(([account, t]) => {
    const { attrs } = group.person(account)
    const shown = { ...attrs, request_method: 'InviteLink', request_time: String(t) }
    return { tag: 'membership_approval_request', attrs: shown }
  })
  return { tag: 'membership_approval_requests', attrs: {}, content }
}

/** The people named in a request, with the address each was named by. */
export function namedIn(core: Core, node: Node): { jid: string; account: SimAccount | undefined }[] {
  return childrenOf(node)
    .filter(({ tag }) => tag === 'participant')
    .map(({ attrs }) => {
      const jid = attrs['jid'] ?? ''
      return { jid, account: core.directory.account(jid) }
    })
}
