import type { TlObject } from '../contract.ts'
import type { Device } from './device.ts'
import { downgraded } from './downgrade.ts'
import type { WireMessage } from './envelope.ts'
import type { Faults } from './faults.ts'
import type { Journal } from './journal.ts'
import { NEWEST, schemaFor } from './layers.ts'
import { shapeOf } from './schema.ts'
import type { Session } from './session.ts'
import { encodeValue } from './tl-encode.ts'

const UPDATES = shapeOf('Updates', 'no')

/** Chooses the session that a device gets its updates on, and sends them there. */
export class Pushes {
  private readonly journal: Journal
  private readonly faults: Faults
  private readonly queueing: boolean
  private readonly onlineChanged: (device: Device, online: boolean) => void
  private readonly wasOnline = new WeakSet<Device>()
  private readonly heldBack = new WeakMap<Device, Buffer>()

  constructor(
    journal: Journal,
    faults: Faults,
    queueing: boolean,
    onlineChanged: (device: Device, online: boolean) => void,
  ) {
    this.journal = journal
    this.faults = faults
    this.queueing = queueing
    this.onlineChanged = onlineChanged
  }

  /** The last session that asked for anything but files gets the updates. */
  choose(session: Session): void {
    session.device.updateSession = session
    this.refresh(session.device)
  }

  /** Something happened that may have changed whether pushes reach the device. */
  refresh(device: Device): void {
    this.tell(device, device.online)
  }

  /** The login of the device ends. */
  loggedOut(device: Device): void {
    this.tell(device, false)
  }

  private tell(device: Device, online: boolean): void {
    if (online === this.wasOnline.has(device)) return
    if (online) this.wasOnline.add(device)
    else this.wasOnline.delete(device)
    this.onlineChanged(device, online)
  }

  /** Throws TlEncodeError (and notes it) for an object that the layer doesn't have. */
  push(device: Device, updates: TlObject): void {
    const schema = schemaFor(device.layer)
    try {
      const value = schema === NEWEST ? updates : downgraded(schema, UPDATES, updates)
      this.send(device, encodeValue(schema, UPDATES, value))
    } catch (error) {
      this.journal.problem(error)
      throw error
    }
  }

  private send(device: Device, body: Buffer): void {
    const session = device.updateSession
    if (session === undefined || (!session.connected && !this.queueing)) return
    const fault = this.faults.takePush(device.userId)
    if (fault === 'drop') return
    if (fault === 'reorder') {
      this.heldBack.set(device, body)
      return
    }
    const sent: WireMessage = session.send(body, { content: true })
    if (fault === 'duplicate') session.repeat(sent)
    const held = this.heldBack.get(device)
    this.heldBack.delete(device)
    if (held !== undefined) session.send(held, { content: true })
  }
}
