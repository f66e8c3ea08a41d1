import { randomBytes } from 'node:crypto'
import type { AddressInfo, Server, Socket } from 'node:net'
import net from 'node:net'
import type { Authorization, TlObject, Wire, World } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { AppConfigValue } from '../login/config.ts'
import { APP_CONFIG, configMethods } from '../login/config.ts'
import { Login } from '../login/index.ts'
import type { LoginOptions } from '../login/parts.ts'
import { AuthKey } from './auth-key.ts'
import { Calls } from './calls.ts'
import { WireClock } from './clock.ts'
import { Connection } from './connection.ts'
import { Device, Devices, randomLong } from './device.ts'
import { Faults } from './faults.ts'
import { Inbound } from './inbound.ts'
import { Journal } from './journal.ts'
import { Pushes } from './pushes.ts'
import { ServerKey } from './server-key.ts'

export type WireOptions = LoginOptions & {
  readonly port?: number
  /** The RSA key; a new one if not given. Tests share one, as making it takes a while. */
  readonly serverKey?: ServerKey
  /** Keep pushes for a session that has no connection, and send them when it comes back. Off: they are lost. */
  readonly queuePushes?: boolean
  /** See ServiceOptions. On if not given. */
  readonly resendBeforeStateInfo?: boolean
  readonly appConfig?: Readonly<Record<string, AppConfigValue>>
}

/** The wire half of the loopback Telegram server: sockets, keys, sessions, logins, and what can go wrong with them. */
export class TelegramWire implements Wire {
  readonly host = '127.0.0.1'
  readonly serverKey: ServerKey
  readonly faults = new Faults()
  readonly journal = new Journal()
  readonly login: Login
  readonly world: World
  private readonly clock = new WireClock()
  private readonly devices = new Devices()
  private readonly connections = new Set<Connection>()
  private readonly pushes: Pushes
  private readonly inbound: Inbound
  private readonly server: Server

  private constructor(options: WireOptions, makeWorld: (wire: Wire) => World) {
    this.serverKey = options.serverKey ?? ServerKey.generate()
    this.server = net.createServer((socket) => this.accept(socket))
    this.pushes = new Pushes(this.journal, this.faults, options.queuePushes ?? false, (device, online) =>
      this.world.onlineChanged?.(device, online),
    )
    this.world = makeWorld(this)
    const now = () => this.now()
    this.login = new Login(
      {
        accounts: this.world.accounts,
        options,
        now,
        devices: () => this.devices.all(),
        push: (device, updates) => this.pushes.push(device, updates),
        loggedIn: (device, userId) => this.logIn(device, userId),
        loggedOut: (device, ended) => this.logOut(device, ended),
      },
      configMethods(() => this.port, now, { ...APP_CONFIG, ...options.appConfig }),
    )
    const calls = new Calls(
      this.journal,
      this.faults,
      (device, query) => this.login.call(device, query, (_, args) => this.world.call(device, args._, args)),
      (session) => this.pushes.choose(session),
    )
    this.inbound = new Inbound(this.faults, calls, {
      clock: this.clock,
      resendBeforeStateInfo: options.resendBeforeStateInfo ?? true,
      destroyKey: ({ device }) => this.devices.delete(device),
    })
  }

  static async start(options: WireOptions, makeWorld: (wire: Wire) => World): Promise<TelegramWire> {
    const wire = new TelegramWire(options, makeWorld)
    await new Promise<void>((resolve, reject) => {
      wire.server.once('error', reject)
      wire.server.listen(options.port ?? 0, wire.host, resolve)
    })
    return wire
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** The framings of the connections that are open, e.g. `intermediate`. */
  get framings(): (string | undefined)[] {
    return [...this.connections].map(({ framing }) => framing)
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.kill()
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve())
    })
  }

  push(who: Authorization, updates: TlObject): void {
    const device = this.devices.get(who.keyId)
    if (device !== undefined) this.pushes.push(device, updates)
  }

  authorizations(userId: bigint): readonly Authorization[] {
    return this.devices.of(userId)
  }

  online(who: Authorization): boolean {
    return this.devices.get(who.keyId)?.online === true
  }

  now(): number {
    return this.clock.now()
  }

  /** A key that is logged in already: 256 bytes for a client to import. */
  preauth(userId: bigint): Buffer {
    const key = new AuthKey(randomBytes(256))
    this.logIn(this.devices.add(new Device(key, randomLong(), this.now())), userId)
    return key.secret
  }

  /** The account's phone scans a QR code, `tg://login?token=...`. Throws RpcFault for one that is not good (any more). */
  acceptQr(url: string, userId: bigint): void {
    const token = new URL(url).searchParams.get('token')
    if (token === null) throw new RpcFault(400, 'AUTH_TOKEN_INVALID')
    this.login.qrCodes.accept(Buffer.from(token, 'base64url'), userId)
  }

  /** Seconds that the server's clock is ahead. */
  set clockSkew(seconds: number) {
    this.clock.skew = seconds
  }

  /** Ends the connections of an account, or all; sessions and what they have to send stay. */
  killConnections(userId?: bigint): void {
    const keys = new Set(this.devicesOf(userId).map(({ keyId }) => keyId))
    for (const connection of this.connections)
      if (userId === undefined || (connection.keyId !== undefined && keys.has(connection.keyId)))
        connection.kill()
  }

  /** Forgets the MTProto sessions, as a server that was restarted: the next packet makes a new one. */
  forgetSessions(userId?: bigint): void {
    for (const device of this.devicesOf(userId)) {
      device.forgetSessions()
      this.pushes.refresh(device)
    }
  }

  /** Forgets the keys: packets of them are answered with the transport error -404. */
  destroyKeys(userId: bigint): void {
    for (const device of this.devicesOf(userId)) {
      this.killConnections(userId)
      this.logOut(device)
      this.devices.delete(device)
    }
  }

  /** Ends the logins of an account from another device: calls are answered 401 with that text. */
  revoke(userId: bigint, text = 'AUTH_KEY_UNREGISTERED'): void {
    for (const device of this.devicesOf(userId)) this.logOut(device, text)
  }

  /** New salts; the old ones are no good any more. */
  rotateSalts(userId?: bigint): void {
    for (const device of this.devicesOf(userId)) device.salt = randomLong()
  }

  private devicesOf(userId: bigint | undefined): Device[] {
    return userId === undefined ? this.devices.all() : this.devices.of(userId)
  }

  private accept(socket: Socket): void {
    const connection = new Connection(socket, {
      serverKey: this.serverKey,
      clock: this.clock,
      faults: this.faults,
      devices: this.devices,
      inbound: this.inbound,
      journal: this.journal,
    })
    this.connections.add(connection)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.connections.delete(connection)
      const device = connection.keyId === undefined ? undefined : this.devices.get(connection.keyId)
      if (device !== undefined) this.pushes.refresh(device)
    })
  }

  private logIn(device: Device, userId: bigint): void {
    const before = device.userId
    device.halfLoggedIn = undefined
    device.ended = undefined
    if (before === userId) return
    if (before !== undefined) this.logOut(device)
    device.userId = userId
    this.world.loginChanged?.(device, userId, true)
    this.pushes.refresh(device)
  }

  private logOut(device: Device, ended?: string): void {
    const { userId } = device
    this.pushes.loggedOut(device)
    device.userId = undefined
    device.halfLoggedIn = undefined
    device.ended = ended
    if (userId !== undefined) this.world.loginChanged?.(device, userId, false)
  }
}
