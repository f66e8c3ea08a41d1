import type { AccountRecord, Accounts, Authorization, TlObject, TlValue, Wire, World } from '../contract.ts'
import { RpcFault } from '../contract.ts'

const NOBODY: AccountRecord = {
  userId: 0n,
  phone: undefined,
  botToken: undefined,
  password: undefined,
  passwordHint: undefined,
  state: 'active',
}

export type StubMethod = (who: Authorization, args: TlObject) => TlValue | Promise<TlValue>

/** The smallest world that lets clients log in, connect and call something: for tests of the wire alone. */
export class StubWorld implements World {
  readonly accounts: Accounts
  /** Replies by method; a test adds its own. */
  readonly methods: Record<string, StubMethod> = {
    'updates.getState': () => ({
      _: 'updates.state',
      pts: 1,
      qts: 0,
      date: this.wire.now(),
      seq: 0,
      unread_count: 0,
    }),
    'updates.getDifference': () => ({ _: 'updates.differenceEmpty', date: this.wire.now(), seq: 0 }),
    'users.getUsers': (who) => [this.accounts.user(who.userId ?? 0n, who.userId ?? 0n)],
    'contacts.resolveUsername': () => {
      throw new RpcFault(400, 'USERNAME_NOT_OCCUPIED')
    },
  }
  /** What `loginChanged` and `onlineChanged` said, e.g. `1 in`, `1 online`. */
  readonly events: string[] = []
  private readonly wire: Wire
  private readonly records = new Map<bigint, AccountRecord>()

  constructor(wire: Wire) {
    this.wire = wire
    const find = (wanted: (record: AccountRecord) => boolean) => [...this.records.values()].find(wanted)
    this.accounts = {
      byId: (userId) => this.records.get(userId),
      byPhone: (phone) => find((record) => record.phone === phone),
      byBotToken: (token) => find((record) => record.botToken === token),
      issueCode: () => '12345',
      user: (viewer, userId) => ({
        _: 'user',
        self: viewer === userId,
        bot: this.records.get(userId)?.botToken !== undefined,
        ...(this.records.get(userId)?.botToken === undefined ? {} : { bot_info_version: 1 }),
        id: userId,
        access_hash: userId * 7n,
        first_name: `User ${userId}`,
        phone: this.records.get(userId)?.phone,
      }),
    }
  }

  /** Adds an account, or changes one. */
  account(userId: bigint, record: Partial<AccountRecord> = {}): void {
    this.records.set(userId, { ...(this.records.get(userId) ?? NOBODY), ...record, userId })
  }

  call(who: Authorization, method: string, args: TlObject): TlValue | Promise<TlValue> {
    const own = this.methods[method]
    if (own === undefined) throw new RpcFault(400, 'METHOD_INVALID')
    return own(who, args)
  }

  loginChanged(_: Authorization, userId: bigint, loggedIn: boolean): void {
    this.events.push(`${userId} ${loggedIn ? 'in' : 'out'}`)
  }

  onlineChanged(who: Authorization, online: boolean): void {
    this.events.push(`${who.userId} ${online ? 'online' : 'offline'}`)
  }
}
