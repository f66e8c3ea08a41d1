import { capabilityCommands } from './capability.ts'
import { channelCommands } from './channel.ts'
import type { CommandTable } from './command.ts'
import { historyCommands } from './history.ts'
import { messageCommands } from './message.ts'
import { modeCommands } from './mode.ts'
import { monitorCommands } from './monitor.ts'
import { queryCommands } from './query.ts'
import { readMarkerCommands } from './read-marker.ts'
import { redactCommands } from './redact.ts'
import { registrationCommands } from './registration.ts'
import { relaymsgCommands } from './relaymsg.ts'
import { saslCommands } from './sasl.ts'

export const COMMANDS: CommandTable = {
  ...capabilityCommands,
  ...registrationCommands,
  ...saslCommands,
  ...messageCommands,
  ...channelCommands,
  ...modeCommands,
  ...queryCommands,
  ...monitorCommands,
  ...historyCommands,
  ...redactCommands,
  ...readMarkerCommands,
  ...relaymsgCommands,
}
