import type { Node } from '../contract.ts'
import { bytesOf, child, errorOf, resultOf } from '../node.ts'
import type { Picture, SimAccount, SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { deliverTo, notification } from './core.ts'
import type { Group } from './group.ts'
import type { Groups } from './groups.ts'
import type { MediaHost } from './media-host.ts'

/** The namespace `w:profile:picture`, for people and groups. Pictures are not encrypted. */
export class Pictures {
  private readonly core: Core
  private readonly groups: Groups
  private readonly media: MediaHost
  private made = 1_700_000_000

  constructor(core: Core, groups: Groups, media: MediaHost) {
    this.core = core
    this.groups = groups
    this.media = media
  }

  handle = (from: SimDevice, iq: Node): Node | undefined => {
    const target = iq.attrs['target']
    const group = this.groups.find(target)
    const account = target === undefined ? from.account : this.core.directory.account(target)
    const owner = group ?? account
    if (owner === undefined) return errorOf(iq, 404, 'item-not-found')
    if (iq.attrs['type'] === 'get') return this.show(from, iq, owner)
    if (group !== undefined && !(group.isAdmin(from.account) || !group.isLocked))
      return errorOf(iq, 403, 'forbidden')
    if (group === undefined && account !== from.account) return errorOf(iq, 401, 'not-authorized')
    const picture = child(iq, 'picture')
    const made = picture === undefined ? undefined : this.store(bytesOf(picture))
    this.set(owner, made, from.account)
    return resultOf(iq, made === undefined ? [] : [{ tag: 'picture', attrs: { id: made.id } }])
  }

  /** Sets a picture in code; undefined takes it away. Those who know the owner are told. */
  put(owner: SimAccount | Group, bytes: Uint8Array | undefined, by: SimAccount): void {
    this.set(owner, bytes === undefined ? undefined : this.store(bytes), by)
  }

  private show({ account }: SimDevice, iq: Node, owner: SimAccount | Group): Node {
    const { picture } = owner
    if ('privacy' in owner && owner !== account && owner.privacy.get('profile') === 'none')
      return errorOf(iq, 401, 'not-authorized')
    if (picture === undefined) return errorOf(iq, 404, 'item-not-found')
    const type = child(iq, 'picture')?.attrs['type'] ?? 'image'
    const { id, url, path } = picture
    return resultOf(iq, [{ tag: 'picture', attrs: { id, type, url, direct_path: path } }])
  }

  private store(bytes: Uint8Array): Picture {
    const path = this.media.store.put(bytes, 'pps')
    return { id: String(++this.made), path, url: this.media.url(path) }
  }

  private set(owner: SimAccount | Group, picture: Picture | undefined, by: SimAccount): void {
    owner.picture = picture
    const isGroup = 'members' in owner
    const form = isGroup ? owner.addressing : 'pn'
    const from = isGroup ? owner.jid : owner.jid('pn')
    const attrs = { jid: from, author: by.jid(form) }
    const change: Node =
      picture === undefined ? { tag: 'delete', attrs } : { tag: 'set', attrs: { ...attrs, id: picture.id } }
    const node = notification(this.core, 'picture', from, [change])
    const told = isGroup ? owner.members.keys() : new Set([owner, ...owner.known])
    for (const account of told) deliverTo(account, node)
  }
}
