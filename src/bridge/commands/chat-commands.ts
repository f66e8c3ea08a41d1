import { ViaductError } from '../../model/errors.ts'
import type { NetworkName } from '../../model/ids.ts'
import { isChatFinder, isRelay } from '../../model/network.ts'
import type { ActingUser, Connector, Login } from '../../model/network.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { Clock } from '../../model/clock.ts'
import type { Direction } from '../../model/delivery.ts'
import type { PortalId } from '../../model/ids.ts'
import type { Database } from '../../store/db.ts'
import { insertDeliveries } from '../../store/delivery.ts'
import type { Logins } from '../logins.ts'
import { noteDelivery } from '../notes.ts'
import { mayAtLeast } from '../permissions.ts'
import { chatOf } from '../portal-rooms.ts'
import type { Portals } from '../portals.ts'
import type { RoomMembers } from '../room-members.ts'
import type { Command, CommandContext } from './command.ts'
import { whileConnecting } from './connecting.ts'

export type ChatCommandsDeps = {
  db: Database
  portals: Portals
  members: RoomMembers
  logins: Logins
  connectors: ReadonlyMap<NetworkName, Connector>
  clock: Clock
  wake: (direction: Direction, portal: PortalId) => void
}

const MOST_LISTED = 50

/** Commands about conversations: to find, enter, leave and relay them. */
export function chatCommands(deps: ChatCommandsDeps): Command[] {
  const { logins, portals, connectors, clock } = deps
  const finder = async (network: NetworkName, login: Login | undefined) => {
    const connector = connectors.get(network)
    if (!connector || !isChatFinder(connector))
      throw new ViaductError('unsupported', `${network} has no such list.`)
    await whileConnecting(connector, login, clock)
    return connector
  }
  return [
    {
      name: 'join',
      usage: 'join <channel> [account]',
      help: 'enter a channel and get a room for it',
      needs: 'user',
      async run(context, [identifier, account]) {
        if (identifier === undefined)
          throw new ViaductError('bad_request', 'Which channel? For example: join #matrix')
        const by = await actingIn(deps, context, account)
        const network = await finder(by.network, by.acting.login)
        const chat = await network.join(by.acting, identifier, by.account)
        const there = await inviteTo(deps, context, chat)
        const room = there ? 'You are in its room already.' : 'An invitation to its room is on the way.'
        return `You are in ${chat.name ?? identifier}. ${room}`
      },
    },
    {
      name: 'part',
      usage: 'part [channel] [account]',
      help: 'leave a channel; in its room without a name',
      needs: 'user',
      async run(context, [identifier, account]) {
        const login = await loginFor(deps, context, account)
        const chat = await chatNamed(deps, context, login, identifier)
        const network = await finder(login.network, login)
        await network.leave({ user: context.user, name: context.user, login }, chat)
        return `You left ${chat.name ?? chat.id}.`
      },
    },
    {
      name: 'start-chat',
      usage: 'start-chat <name> [account]',
      help: 'begin a private conversation',
      needs: 'user',
      async run(context, args) {
        const [identifier, account] = withWholeNumber(args)
        if (identifier === undefined)
          throw new ViaductError('bad_request', 'With whom? For example: start-chat alice')
        const login = await logins.pick(context.user, account)
        const network = await finder(login.network, login)
        const found = await network.find(login, identifier)
        const who = found.name ?? identifier
        const there = await inviteTo(deps, context, found.chat)
        return there
          ? `You are in a room with ${who} already.`
          : `An invitation to a room with ${who} is on the way.`
      },
    },
    {
      name: 'list',
      usage: 'list [words] [account]',
      help: 'channels of a network whose name or topic has the words',
      needs: 'user',
      async run(context, [query = '', account]) {
        const login = await logins.pick(context.user, account)
        const network = await finder(login.network, login)
        const found = await network.list(login, query)
        if (found.length === 0) return 'There is nothing of that name.'
        const lines = found
          .sort((a, b) => (b.members ?? 0) - (a.members ?? 0))
          .slice(0, MOST_LISTED)
          .map((c) => `${c.name} (${c.members ?? '?'})${c.topic ? `: ${c.topic.slice(0, 100)}` : ''}`)
        const more =
          found.length > MOST_LISTED ? `\n… and ${found.length - MOST_LISTED} more: say more words.` : ''
        return lines.join('\n') + more
      },
    },
    {
      name: 'set-relay',
      usage: 'set-relay on|off',
      help: 'let people without a login speak in this room through the shared connection',
      needs: 'admin',
      async run({ portal }, [mode]) {
        if (portal.network === 'viaduct')
          throw new ViaductError('bad_request', 'Say this in the room it is about.')
        if (mode !== 'on' && mode !== 'off')
          throw new ViaductError('bad_request', 'Say "set-relay on" or "set-relay off".')
        const connector = connectors.get(portal.network)
        const can = connector && isRelay(connector) && connector.canRelay(chatOf(portal))
        if (mode === 'on' && !can) {
          throw new ViaductError(
            'unsupported',
            'The shared connection is not in this conversation; add the channel to the configuration.',
          )
        }
        await portals.update(portal, { relay: mode === 'on' })
        return mode === 'on'
          ? 'People without a login can speak here now.'
          : 'Only people with a login can speak here now.'
      },
    },
  ]
}

/** A phone number may be written in pieces, as in `+49 151 12345678`: the first word then is what they make together. */
function withWholeNumber(args: readonly string[]): string[] {
  const [first = '', ...rest] = args
  if (!/^(?:\+|00)\d{0,7}$/.test(first)) return [...args]
  const end = rest.findIndex((word) => !/^[\d()/.-]{1,9}$/.test(word))
  const pieces = end < 0 ? rest : rest.slice(0, end)
  return [first + pieces.join(''), ...rest.slice(pieces.length)]
}

/** In a conversation's own room, the login that is in it; else the one named. */
async function loginFor(deps: ChatCommandsDeps, context: CommandContext, account?: string): Promise<Login> {
  const { portal, user } = context
  if (account !== undefined || portal.network === 'viaduct') return deps.logins.pick(user, account)
  return deps.logins.inChat(user, chatOf(portal))
}

async function actingIn(
  deps: ChatCommandsDeps,
  context: CommandContext,
  account?: string,
): Promise<{ network: NetworkName; acting: ActingUser; account?: string }> {
  try {
    const login = await loginFor(deps, context, account)
    return {
      network: login.network,
      acting: { user: context.user, name: context.user, login },
      account: login.account,
    }
  } catch (error) {
    const relay = [...deps.connectors.values()].find(isRelay)
    if (!relay || account === undefined || !mayAtLeast(context.level, 'admin')) throw error
    return { network: relay.network, acting: { user: context.user, name: context.user }, account }
  }
}

async function chatNamed(
  deps: ChatCommandsDeps,
  { portal }: CommandContext,
  login: Login,
  identifier?: string,
): Promise<RemoteChat> {
  if (identifier === undefined) {
    if (portal.network === 'viaduct')
      throw new ViaductError('bad_request', 'Which channel? For example: part #matrix')
    return chatOf(portal)
  }
  const connector = deps.connectors.get(login.network)
  if (!connector || !isChatFinder(connector)) throw new ViaductError('unsupported')
  return connector.find(login, identifier).then((found) => found.chat)
}

/**
 * The invitation is a delivery of the room it is to, so that it comes after the room and survives a crash.
 *
 * @returns whether they are in the room already
 */
async function inviteTo(deps: ChatCommandsDeps, context: CommandContext, chat: RemoteChat): Promise<boolean> {
  const portal = await deps.portals.ofChat(chat)
  if (portal.roomId && (await deps.members.joined(portal.roomId)).has(context.user)) return true
  const at = deps.clock.now()
  const where = { portal: portal.id, sourceId: `invite:${context.event}`, at }
  const lanes = await insertDeliveries(deps.db, [noteDelivery(where, { kind: 'invite', user: context.user })])
  for (const lane of lanes) deps.wake(lane.direction, lane.portal)
  return false
}
