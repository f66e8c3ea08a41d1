import { randomBytes } from 'node:crypto'
import type { Account, Accounts, CloseReason, Link, Node, World } from '../contract.ts'
import { child, errorOf, resultOf } from '../node.ts'
import type { Connection, Session } from '../wire/connection.ts'
import type { Who } from '../wire/scope.ts'
import { connectingAnswer } from './connecting.ts'
import type { LoginSwitches } from './switches.ts'

const CONFLICT = (type: string): Node => ({ tag: 'conflict', attrs: { type } })

/** What the server says before it closes. */
const LAST_WORDS: Record<Exclude<CloseReason, 'drop'>, Node> = {
  replaced: { tag: 'stream:error', attrs: {}, content: [CONFLICT('replaced')] },
  removed: { tag: 'stream:error', attrs: { code: '401' }, content: [CONFLICT('device_removed')] },
  restart: { tag: 'stream:error', attrs: { code: '515' } },
  unavailable: { tag: 'stream:error', attrs: { code: '503' } },
}

export type DeviceParts = {
  readonly connection: Connection
  readonly account: Account
  readonly device: number
  readonly world: World
  readonly accounts: Accounts
  readonly switches: LoginSwitches
  /** Before `success`, so that an older connection of the device is closed first. */
  readonly onStarted: (session: DeviceSession) => void
  readonly onClosed: (session: DeviceSession) => void
}

/** The connection of a device that has logged in. */
export class DeviceSession implements Session, Link {
  readonly who: Who
  readonly phone: string
  readonly device: number
  readonly jid: string
  readonly lid: string
  readonly #parts: DeviceParts
  #opened = false

  constructor(parts: DeviceParts) {
    const { account, device } = parts
    this.#parts = parts
    this.phone = account.phone
    this.device = device
    this.who = { phone: account.phone, device }
    const suffix = device === 0 ? '' : `:${device}`
    this.jid = `${account.phone}${suffix}@s.whatsapp.net`
    this.lid = `${account.lid}${suffix}@lid`
  }

  started(): void {
    const { connection, switches, world, onStarted } = this.#parts
    onStarted(this)
    const t = String(Math.floor(Date.now() / 1000))
    connection.send({ tag: 'success', attrs: { t, props: '27', location: 'sim', lid: this.lid } })
    if (switches.edgeRouting) connection.send(edgeRouting())
    this.#opened = true
    world.opened(this)
  }

  received(node: Node): boolean {
    if (node.tag === 'iq' && node.attrs['xmlns'] === 'md') return this.#md(node)
    if (this.#parts.world.received(this, node)) return true
    const answer = connectingAnswer(node)
    if (answer !== undefined && answer !== 'none') this.send(answer)
    return answer !== undefined
  }

  closed(): void {
    this.#parts.onClosed(this)
    if (this.#opened) this.#parts.world.closed(this)
  }

  send(node: Node): void {
    this.#parts.connection.send(node)
  }

  close(reason: CloseReason): void {
    if (reason === 'drop') this.#parts.connection.cut()
    else this.#parts.connection.end(LAST_WORDS[reason])
  }

  /** A companion logs itself out, or the phone removes one. */
  #md(iq: Node): boolean {
    const removal = child(iq, 'remove-companion-device')
    if (removal === undefined) return false
    const [, phone, number] = /^(\d+):(\d+)@/.exec(removal.attrs['jid'] ?? '') ?? []
    const device = Number(number)
    const allowed = phone === this.phone && (this.device === 0 || this.device === device)
    if (!allowed || this.#parts.accounts.companion(phone, device) === undefined) {
      this.send(errorOf(iq, 401, 'not-authorized'))
      return true
    }
    this.send(resultOf(iq))
    this.#parts.accounts.unlink(phone, device)
    return true
  }
}

function edgeRouting(): Node {
  const info = { tag: 'routing_info', attrs: {}, content: randomBytes(8) }
  return { tag: 'ib', attrs: {}, content: [{ tag: 'edge_routing', attrs: {}, content: [info] }] }
}
