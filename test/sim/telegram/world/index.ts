import { randomInt } from 'node:crypto'
import { RpcFault } from '../contract.ts'
import type { AccountRecord, Accounts, Authorization, TlObject, TlValue, Wire, World } from '../contract.ts'
import type { Account } from './account.ts'
import { publish } from './acts/publish.ts'
import { Args } from './args.ts'
import { isForPeople } from './bot-methods.ts'
import { METHODS } from './methods/index.ts'
import { People } from './people.ts'
import { Realm } from './realm.ts'
import { hashFor } from './render/peer.ts'
import { userTl } from './render/user.ts'
import { defaultSwitches } from './switches.ts'
import type { Switches } from './switches.ts'
import { Turn } from './turn.ts'
import { viewOf } from './view.ts'

export type { Account, PersonOptions } from './account.ts'
export type { Channel } from './channel.ts'
export type { Group } from './group.ts'
export type { Media } from './media.ts'
export type { Post } from './post.ts'
export type { Room } from './room.ts'
export { ScriptedContact } from './scripted-contact.ts'
export type { Saying } from './people.ts'
export type { Seen } from './seen.ts'
export type { Chat } from './stage.ts'
export type { Switches } from './switches.ts'
export type { WorldEvent } from './world-event.ts'

const recordOf = (account: Account): AccountRecord => ({
  userId: account.id,
  phone: account.phone,
  botToken: account.botToken,
  password: account.password,
  passwordHint: account.passwordHint,
  state: account.state,
})

/** The world of the loopback Telegram server: answers clients, and lets people act in it without one. */
export class SimWorld extends People implements World {
  readonly accounts: Accounts
  /** The last login code of each account. */
  readonly codes = new Map<bigint, string>()

  constructor(wire: Wire, switches: Partial<Switches> = {}) {
    super(new Realm(wire, { ...defaultSwitches(), ...switches }))
    const { realm } = this
    const found = (account: Account | undefined) => (account === undefined ? undefined : recordOf(account))
    this.accounts = {
      byId: (userId) => found(realm.users.get(userId)),
      byPhone: (phone) => found(realm.userByPhone(phone)),
      byBotToken: (token) => found([...realm.users.values()].find(({ botToken }) => botToken === token)),
      user: (viewer, userId) => userTl(viewOf(realm, this.byId(viewer)), this.byId(userId)),
      issueCode: ({ userId }) => this.issueCode(this.byId(userId)),
    }
  }

  call(who: Authorization, _: string, request: TlObject): TlValue {
    const account = this.byId(who.userId ?? 0n)
    if (account.state === 'banned') throw new RpcFault(401, 'USER_DEACTIVATED_BAN')
    if (account.state === 'deactivated') throw new RpcFault(401, 'USER_DEACTIVATED')
    const args = new Args(request)
    const method = METHODS[args.name]
    if (method === undefined) throw new RpcFault(400, 'METHOD_INVALID')
    if (account.bot && isForPeople(args.name)) throw new RpcFault(400, 'BOT_METHOD_INVALID')
    this.realm.faults.check(args.name, account.id)
    const turn = new Turn(this.realm, { who, account })
    const view = viewOf(this.realm, account, who)
    try {
      return method({ realm: this.realm, who, me: account, view, turn, args })
    } finally {
      turn.finish()
    }
  }

  /** A new login knows its channels up to now. */
  loginChanged(who: Authorization, userId: bigint, loggedIn: boolean): void {
    const account = this.realm.users.get(userId)
    if (!loggedIn || account === undefined) return
    for (const room of account.dialogs.keys()) if (room.kind === 'channel') this.realm.seenBy(who).of(room)
  }

  onlineChanged(who: Authorization, online: boolean): void {
    if (!online) this.realm.wentAway(who)
  }

  /** The access hash by which a device addresses a user or channel, 0 when there is none: for tests that call directly. */
  hashFor(who: Authorization, kind: string, id: bigint): bigint {
    const peer = kind === 'user' ? this.realm.users.get(id) : this.realm.channels.get(id)
    return peer === undefined ? 0n : hashFor(viewOf(this.realm, this.byId(who.userId ?? 0n), who), peer)
  }

  private byId(userId: bigint): Account {
    const account = this.realm.users.get(userId)
    if (account === undefined) throw new RpcFault(401, 'AUTH_KEY_UNREGISTERED')
    return account
  }

  /** The code comes as a message to the devices that are logged in already. */
  private issueCode(account: Account): string {
    const code = String(randomInt(10_000, 100_000))
    this.codes.set(account.id, code)
    this.turn((turn) => {
      const room = this.realm.direct(account, this.realm.service)
      publish(turn, room, this.realm.service, {
        text: `Login code: ${code}. Do not give this code to anyone.`,
      })
    })
    return code
  }
}
