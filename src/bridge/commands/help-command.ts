import { ViaductError } from '../../model/errors.ts'
import type { NetworkName } from '../../model/ids.ts'
import { hasCommands } from '../../model/network.ts'
import type { Connector } from '../../model/network.ts'
import type { Logins } from '../logins.ts'
import { mayAtLeast } from '../permissions.ts'
import { chatOf } from '../portal-rooms.ts'
import type { Command } from './command.ts'

/** The list of all commands that its reader may give. */
export function helpCommand(commands: () => readonly Command[], prefix: string): Command {
  return {
    name: 'help',
    usage: 'help',
    help: 'this list',
    needs: 'relay',
    run({ level }) {
      const own = commands().filter((command) => mayAtLeast(level, command.needs))
      const lines = own.map((command) => `• ${command.usage} – ${command.help}`)
      return Promise.resolve(
        `What I can do:\n${lines.join('\n')}\nIn a bridged room put ${prefix} before it, as in: ${prefix} status`,
      )
    },
  }
}

/** A network's own commands, offered beside the common ones. */
export function networkCommands(connectors: ReadonlyMap<NetworkName, Connector>, logins: Logins): Command[] {
  return [...connectors.values()].filter(hasCommands).flatMap((connector) =>
    connector.commands.map((command): Command => ({
      name: command.name,
      usage: command.usage,
      help: `${connector.network}: ${command.help}`,
      needs: 'user',
      async run({ user, portal }, args) {
        const inRoom = portal.network === connector.network
        // Outside a room of the network the account may come first, as the networks of one user are several.
        const [first = '', ...rest] = args
        const named = inRoom ? undefined : await logins.pick(user, first).catch(() => undefined)
        const login = inRoom
          ? await logins.inChat(user, chatOf(portal))
          : (named ?? (await logins.pick(user)))
        if (login.network !== connector.network) throw new ViaductError('not_logged_in')
        const by = { user, name: user, login }
        return command.run(by, named ? rest : args, inRoom ? chatOf(portal) : undefined)
      },
    })),
  )
}
