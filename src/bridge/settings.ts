import type { MatrixUserId, NetworkName } from '../model/ids.ts'
import type { PermissionLevel } from './permissions.ts'

/** What the core needs to know of the configuration. */
export type BridgeSettings = {
  serverName: string
  /** Begins every ghost's localpart. */
  userPrefix: string
  /** Begins a command outside the room with the bot. */
  commandPrefix: string
  permissions: Record<string, PermissionLevel>
  /** Milliseconds after which a message that cannot reach its network is given up and its sender told. */
  maxAgeMs: number
  /** `com.beeper.message_send_status` events: for failures, for all, or none. */
  sendStatus: 'failures' | 'all' | 'off'
  /** A read receipt by the bot when a message is delivered. */
  deliveryReceipts: boolean
  /** What people write from their own clients of a network appears as from themselves. */
  doublePuppet: boolean
  /** Networks whose logins have a space each, with their rooms. Absent: none. */
  spaces?: readonly NetworkName[]
  /** Whether people of the networks are online. Absent: it is not shown; each change costs the homeserver news for many. */
  presence?: boolean
  roomVersion?: string
  displaynameTemplate: string
  retention: { bodiesMs: number; rowsMs: number; excerptsMs: number }
  bot: MatrixUserId
}
