import type { MatrixEventId, MatrixUserId } from '../../model/ids.ts'
import type { PermissionLevel } from '../permissions.ts'
import type { Portal } from '../../store/portal.ts'

/** Where and by whom a command was given. */
export type CommandContext = {
  user: MatrixUserId
  level: PermissionLevel
  portal: Portal
  /** The message that the command replies to. */
  replyTo: MatrixEventId | undefined
  /** The event of the command itself. */
  event: MatrixEventId
}

/** One command of the bot. `run` answers with words; it may be run twice when the program dies in between. */
export type Command = {
  name: string
  usage: string
  help: string
  needs: PermissionLevel
  run(context: CommandContext, args: string[]): Promise<string>
}
