import type { Node } from '../contract.ts'
import { child, childrenOf, errorOf, resultOf, textOf } from '../node.ts'
import type { SimDevice } from './account.ts'
import type { Core } from './core.ts'
import type { Group } from './group.ts'
import type { Groups } from './groups.ts'

/** Settings that only admins may touch, always; the others too while the group is locked. */
const FOR_ADMINS = new Set(['announcement', 'not_announcement', 'locked', 'unlocked'])
const MORE_FOR_ADMINS = new Set(['member_add_mode', 'membership_approval_mode'])

/** What a group is called, says about itself, and allows. */
export class GroupSettings {
  private readonly core: Core
  private readonly groups: Groups

  constructor(core: Core, groups: Groups) {
    this.core = core
    this.groups = groups
  }

  handle(from: SimDevice, iq: Node, group: Group | undefined): Node | undefined {
    const [first] = childrenOf(iq)
    if (group === undefined || first === undefined) return undefined
    if (!group.members.has(from.account)) return errorOf(iq, 403, 'forbidden')
    const isForAdmins = FOR_ADMINS.has(first.tag) || MORE_FOR_ADMINS.has(first.tag) || group.isLocked
    if (isForAdmins && !group.isAdmin(from.account)) return errorOf(iq, 403, 'forbidden')
    const change = this.apply(group, from, first)
    if (change === undefined) return undefined
    if (change === 'conflict') return errorOf(iq, 409, 'conflict')
    this.groups.notify(group, from, change)
    return resultOf(iq)
  }

  /** The change as members hear it. */
  private apply(group: Group, { account }: SimDevice, asked: Node): Node | 'conflict' | undefined {
    const t = this.core.now()
    switch (asked.tag) {
      case 'subject': {
        group.subject = { text: textOf(asked), by: account, t }
        const attrs = { subject: group.subject.text, s_t: String(t), s_o: account.jid(group.addressing) }
        return { tag: 'subject', attrs }
      }
      case 'description':
        return this.describe(group, account, asked)
      case 'announcement':
      case 'not_announcement':
        group.isAnnounce = asked.tag === 'announcement'
        return { tag: asked.tag, attrs: {} }
      case 'locked':
      case 'unlocked':
        group.isLocked = asked.tag === 'locked'
        return { tag: asked.tag, attrs: {} }
      case 'ephemeral':
        group.ephemeral = Number(asked.attrs['expiration'] ?? 0)
        return { tag: 'ephemeral', attrs: { expiration: String(group.ephemeral) } }
      case 'not_ephemeral':
        group.ephemeral = 0
        return { tag: 'not_ephemeral', attrs: {} }
      case 'member_add_mode':
        group.mayAllAdd = textOf(asked) === 'all_member_add'
        return { tag: asked.tag, attrs: {}, content: textOf(asked) }
      case 'membership_approval_mode': {
        const join = child(asked, 'group_join')
        group.needsApproval = join?.attrs['state'] === 'on'
        return { tag: asked.tag, attrs: {}, content: join === undefined ? [] : [join] }
      }
      default:
        return undefined
    }
  }

  /** A change must name the description that it replaces. */
  private describe(group: Group, by: Group['creator'], asked: Node): Node | 'conflict' {
    if (asked.attrs['prev'] !== group.description?.id) return 'conflict'
    const body = child(asked, 'body')
    const { id } = asked.attrs
    if (body === undefined || id === undefined) {
      group.description = undefined
      return { tag: 'description', attrs: { delete: 'true' } }
    }
    group.description = { id, text: textOf(body), by, t: this.core.now() }
    return {
      tag: 'description',
      attrs: { id },
      content: [{ tag: 'body', attrs: {}, content: Buffer.from(group.description.text) }],
    }
  }
}
