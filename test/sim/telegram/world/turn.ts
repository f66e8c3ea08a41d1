import type { Authorization, TlObject } from '../contract.ts'
import type { Account } from './account.ts'
import type { BoxEvent, Rendered } from './box.ts'
import type { Channel } from './channel.ts'
import type { Realm } from './realm.ts'
import { gather } from './render/gather.ts'
import { viewOf } from './view.ts'
import type { View } from './view.ts'
import type { WorldEvent } from './world-event.ts'

type Render = (view: View) => TlObject | undefined
type Item = {
  render: Render
  /** A whole `Updates` in a shorter form, where one is allowed. */
  short: Render | undefined
}

export type Caller = { readonly who: Authorization; readonly account: Account }

/**
 * One change of the world, from whoever caused it to everyone who is told. The device that caused it gets its updates
 * in the answer (`reply`), all other devices get them pushed when the turn is finished.
 */
export class Turn {
  readonly realm: Realm
  readonly caller: Caller | undefined
  private readonly items = new Map<Account, Item[]>()
  private readonly first: Render[] = []
  private readonly told: WorldEvent[] = []
  private readonly moved = new Map<Channel, number>()

  constructor(realm: Realm, caller?: Caller) {
    this.realm = realm
    this.caller = caller
  }

  /** An update without a pts: lost on those who are away. */
  emit(to: Account, render: Render, short?: Render): void {
    const items = this.items.get(to) ?? []
    this.items.set(to, items)
    items.push({ render, short })
  }

  /** An event of an account's own box. */
  boxed(to: Account, count: number, render: Rendered, short?: Rendered): BoxEvent {
    const event = to.box.add(count, render)
    const bind = (how: Rendered) => (view: View) => how(view, event.pts, count)
    this.emit(to, bind(render), short === undefined ? undefined : bind(short))
    return event
  }

  /** An event of a channel's box, for all its members. */
  inChannel(channel: Channel, count: number, render: Rendered): BoxEvent {
    const event = channel.box.add(count, render)
    this.moved.set(channel, event.pts)
    for (const member of channel.members.keys()) this.emit(member, (view) => render(view, event.pts, count))
    return event
  }

  /** An update that only the answer has, before all others. */
  answer(render: Render): void {
    this.first.push(render)
  }

  tell(event: WorldEvent): void {
    this.told.push(event)
  }

  /** The caller's updates. */
  updates(view: View): TlObject[] {
    const own = this.items.get(view.me)?.map(({ render }) => render) ?? []
    return [...this.first, ...own].map((render) => render(view)).filter((update) => update !== undefined)
  }

  /** The caller's updates, with whom and what they mention. */
  reply(view: View): TlObject {
    return this.whole(view, this.updates(view))
  }

  /** Pushes to everyone else, then tells the listeners. */
  finish(): void {
    for (const [account, items] of this.items) {
      for (const who of this.realm.wire.authorizations(account.id)) {
        if (who === this.caller?.who || this.realm.wire.online(who)) this.mark(who, account)
        if (who !== this.caller?.who) this.push(who, account, items)
      }
    }
    for (const event of this.told) this.realm.tell(event)
  }

  private mark(who: Authorization, account: Account): void {
    const seen = this.realm.seenBy(who)
    for (const [channel, pts] of this.moved) {
      if (channel.members.has(account)) seen.send(channel, pts, this.realm.now())
    }
  }

  private push(who: Authorization, account: Account, items: readonly Item[]): void {
    const view = viewOf(this.realm, account, who)
    const only = items.length === 1 ? items[0]?.short?.(view) : undefined
    if (only !== undefined) return this.realm.wire.push(who, only)
    const updates = items.map(({ render }) => render(view)).filter((update) => update !== undefined)
    if (updates.length > 0) this.realm.wire.push(who, this.whole(view, updates, true))
  }

  private whole(view: View, updates: TlObject[], push = false): TlObject {
    return { _: 'updates', updates, ...gather(view, updates, push), date: this.realm.now(), seq: 0 }
  }
}
