import type { Account, Accounts, World } from '../contract.ts'
import type { Connection, Session } from '../wire/connection.ts'
import type { FailureReason } from '../wire/faults.ts'
import type { Hello } from '../wire/handshake.ts'
import { DeviceSession } from './device-session.ts'
import { Linking } from './linking.ts'
import type { Login } from './payload.ts'
import { parsePayload } from './payload.ts'
import { RefusedSession } from './refused-session.ts'
import type { LoginSwitches } from './switches.ts'

/** Who may come in, and as whom: logins of devices, and companions to be linked. */
export class LoginDesk {
  readonly linking: Linking
  readonly #world: World
  readonly #accounts: Accounts
  readonly #switches: LoginSwitches
  readonly #takeRefusal: () => FailureReason | undefined
  readonly #phones = new Map<string, Uint8Array>()
  readonly #online = new Map<string, DeviceSession>()

  constructor(parts: {
    world: World
    accounts: Accounts
    switches: LoginSwitches
    takeRefusal: () => FailureReason | undefined
  }) {
    this.#world = parts.world
    this.#accounts = parts.accounts
    this.#switches = parts.switches
    this.#takeRefusal = parts.takeRefusal
    this.linking = new Linking(parts.accounts, parts.switches)
  }

  /** Registers a phone with its number, which it does by SMS outside of this server: its public Noise key. */
  registerPhone(phone: string, noise: Uint8Array): void {
    this.#phones.set(phone, noise)
  }

  /** The devices that are connected. */
  get online(): DeviceSession[] {
    return [...this.#online.values()]
  }

  /** Whose connection this is, by its ClientPayload and Noise key. */
  readonly admit = (connection: Connection, hello: Hello): Session => {
    const payload = parsed(hello.payload)
    if (payload === undefined) return new RefusedSession(connection, 500)
    const refusal = this.#takeRefusal()
    if (refusal !== undefined) return new RefusedSession(connection, refusal)
    if (payload.kind === 'registration') return this.linking.session(connection, payload, hello.noise)
    const account = this.#accounts.find(payload.phone)
    if (account === undefined || !this.#mayLogIn(payload, hello.noise))
      return new RefusedSession(connection, 401)
    return account.banned
      ? new RefusedSession(connection, 403)
      : this.#session(connection, account, payload.device)
  }

  /** A device proves itself by its Noise key. */
  #mayLogIn({ phone, device }: Login, noise: Uint8Array): boolean {
    const expected = device === 0 ? this.#phones.get(phone) : this.#accounts.companion(phone, device)?.noise
    return expected !== undefined && Buffer.from(expected).equals(noise)
  }

  #session(connection: Connection, account: Account, device: number): DeviceSession {
    const key = `${account.phone}:${device}`
    return new DeviceSession({
      connection,
      account,
      device,
      world: this.#world,
      accounts: this.#accounts,
      switches: this.#switches,
      onStarted: (session) => {
        this.#online.get(key)?.close('replaced')
        this.#online.set(key, session)
      },
      onClosed: (session) => {
        if (this.#online.get(key) === session) this.#online.delete(key)
      },
    })
  }
}

function parsed(bytes: Uint8Array): ReturnType<typeof parsePayload> {
  try {
    return parsePayload(bytes)
  } catch {
    return undefined
  }
}
