import { ViaductError } from '../../model/errors.ts'
import type { ActingUser, Login } from '../../model/network.ts'
import type { RemoteChat, RemoteUser } from '../../model/remote-event.ts'
import { isBatch } from './batch.ts'
import type { Batch } from './batch.ts'
import type { Hub } from './hub.ts'
import { parseChatId } from './ids.ts'
import { matchesGlob } from './channel-policy.ts'
import type { Live } from './live.ts'
import type { IrcNetwork } from './network.ts'
import type { Session } from './session.ts'
import type { IrcMessage } from './wire.ts'

const LONGEST_LIST = 200

type Listed = { id: string; name: string; members?: number; topic?: string }

/** Looks up, enters and leaves channels, and finds people, for a user. */
export class ChannelDirectory {
  readonly #network: (id: string) => IrcNetwork | undefined

  constructor(network: (id: string) => IrcNetwork | undefined) {
    this.#network = network
  }

  /** The connection of a login. @throws ViaductError when there is none that works */
  live(login: Login | undefined, account = login?.account): { hub: Hub; session: Session; live: Live } {
    const hub = account === undefined ? undefined : this.#network(account)?.hub
    if (hub === undefined) throw new ViaductError('bad_request', 'Which IRC network?')
    const session = hub.session(login)
    if (session?.live === undefined) {
      const state = session?.connection.status
      throw new ViaductError(
        'network_down',
        `Not connected to ${hub.config.name}${state?.text ? `: ${state.text}` : ''}.`,
      )
    }
    return { hub, session, live: session.live }
  }

  async find(login: Login, identifier: string): Promise<RemoteUser & { chat: RemoteChat }> {
    const { hub, live } = this.live(login)
    const nick = identifier.trim()
    if (nick === '' || /[\s,!@*?:]/.test(nick) || live.link.isupport.isChannel(nick) || nick.includes('/')) {
      throw new ViaductError('bad_request', 'That is not a nick.')
    }
    const answer = await this.ask(live, { command: 'WHOIS', params: [nick] }, [nick], WHOIS)
    const user = answer.find((m) => m.command === '311')?.params[1] ?? nick
    return { ...hub.user(user), chat: hub.directChat(login.id, user) }
  }

  async join(by: ActingUser, identifier: string, account?: string): Promise<RemoteChat> {
    const { hub, session, live } = this.live(by.login, account ?? by.login?.account)
    const [given = '', key] = identifier.trim().split(/\s+/)
    const name = live.link.isupport.isChannel(given) ? given : `#${given}`
    if (given === '' || /[\0\x07,]/.test(name))
      throw new ViaductError('bad_request', 'That is not a channel.')
    if (!hub.mayBridge(name)) throw new ViaductError('not_permitted', `${name} may not be bridged.`)
    const outcome = await session.enter({ name, ...(key !== undefined && { key }) })
    if (!outcome.ok)
      throw new ViaductError(outcome.retryable ? 'network_down' : 'network_refused', outcome.why)
    return hub.openChannel(name).chat
  }

  async leave(by: ActingUser, chat: RemoteChat): Promise<void> {
    const { hub, session, live } = this.live(by.login, parseChatId(chat.id)?.network)
    if (chat.type === 'dm' || by.login === undefined) return
    const name = hub.targetOf(chat)
    session.forget(name)
    if (!session.isIn(name)) return
    const evidence = await live.command({ command: 'PART', params: [name] }, [name])
    if (evidence.kind === 'refused') throw new ViaductError('network_refused', evidence.reply.text)
  }

  async list(login: Login, query: string): Promise<Listed[]> {
    const { hub, live } = this.live(login)
    const wanted = query.trim()
    const glob = wanted === '' || /[*?]/.test(wanted) ? wanted || '*' : `*${wanted}*`
    // Servers with ELIST=M filter by mask; the others give everything, which is filtered here.
    const masks = (live.link.isupport.get('ELIST') ?? '').toUpperCase().includes('M')
    const params = masks && wanted !== '' ? [glob] : []
    const answer = await this.ask(live, { command: 'LIST', params }, [], ['321', '322', '323'])
    return answer
      .filter((m) => m.command === '322')
      .flatMap(({ params: [, name, members, topic] }): Listed[] => {
        if (name === undefined || !matchesGlob(hub.fold(glob), hub.fold(name))) return []
        const count = Number(members)
        // InspIRCd and UnrealIRCd write the modes before the topic.
        const words = topic?.replace(/^\[\+[^\]]*\] ?/, '')
        return [
          {
            id: name,
            name,
            ...(Number.isInteger(count) && { members: count }),
            ...(words && { topic: words }),
          },
        ]
      })
      .toSorted((a, b) => (b.members ?? 0) - (a.members ?? 0))
      .slice(0, LONGEST_LIST)
  }

  /** Asks the server something; gives the lines of its answer. @throws ViaductError when it refuses */
  async ask(
    live: Live,
    line: { command: string; params: string[] },
    names: string[],
    numerics: readonly string[],
  ): Promise<IrcMessage[]> {
    const fits = (item: IrcMessage | Batch) => !isBatch(item) && numerics.includes(item.command)
    const evidence = await live.command(line, names, fits)
    switch (evidence.kind) {
      case 'accepted':
        return evidence.items.flatMap((item) => (isBatch(item) ? [] : [item]))
      case 'refused':
        throw new ViaductError('network_refused', evidence.reply.text)
      default:
        throw new ViaductError('network_down', 'IRC did not answer.')
    }
  }
}

/** What WHOIS answers with. */
export const WHOIS = [
  '301',
  '307',
  '311',
  '312',
  '313',
  '317',
  '318',
  '319',
  '320',
  '330',
  '335',
  '338',
  '378',
  '379',
  '671',
] as const
