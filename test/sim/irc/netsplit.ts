import type { Channel } from './channel.ts'
import type { Ircd } from './ircd.ts'
import type { Outgoing } from './outgoing.ts'
import type { Session } from './session.ts'

type Absent = { user: Session; channels: Map<Channel, string> }

/** Users who went with a server, until it comes back. What they send meanwhile waits, and they see nothing. */
export class Netsplits {
  private readonly ircd: Ircd
  private readonly absent = new Map<string, Absent[]>()

  constructor(ircd: Ircd) {
    this.ircd = ircd
  }

  /** Those left see one QUIT each, in a `netsplit` batch where they have `batch`. */
  split(server: string, users: readonly Session[]): void {
    const { ircd } = this
    const seen = new Map<Session, Outgoing[]>()
    const gone = new Set(users)
    const absent = users.map((user) => ({
      user,
      channels: new Map([...user.channels].map((c) => [c, c.members.get(user) ?? ''])),
    }))
    for (const user of users) {
      const quit = ircd.from(user, 'QUIT', `${ircd.settings.name} ${server}`)
      for (const peer of ircd.peers(user)) if (!gone.has(peer)) collect(seen, peer, quit)
      for (const channel of user.channels) ircd.recordEvent(channel, quit)
    }
    for (const { user, channels } of absent) {
      for (const channel of channels.keys()) channel.members.delete(user)
      user.channels.clear()
      user.splitBy = server
      ircd.users.delete(ircd.fold(user.nick))
      ircd.tellWatchers(user.nick, false)
    }
    this.absent.set(server, [...(this.absent.get(server) ?? []), ...absent])
    this.send('netsplit', server, seen)
  }

  /** They are back in their channels with their modes. Whose nick is taken now is killed. Answers who came back. */
  join(server: string): Session[] {
    const { ircd } = this
    const seen = new Map<Session, Outgoing[]>()
    const absent = this.absent.get(server) ?? []
    this.absent.delete(server)
    const returned = absent.filter(({ user }) => !user.closed && this.reclaim(user))
    const returning = new Set(returned.map(({ user }) => user))
    for (const { user, channels } of returned) {
      for (const [gone, modes] of channels) {
        const channel = ircd.openChannel(gone.name)
        this.announce(seen, user, channel, modes, returning)
        channel.members.set(user, modes)
        user.channels.add(channel)
      }
    }
    this.send('netjoin', server, seen)
    return [...returning]
  }

  private reclaim(user: Session): boolean {
    user.splitBy = undefined
    if (this.ircd.user(user.nick) !== undefined) {
      this.ircd.closeWithError(user, 'Nick collision')
      return false
    }
    this.ircd.users.set(this.ircd.fold(user.nick), user)
    this.ircd.tellWatchers(user.nick, true)
    return true
  }

  private announce(
    seen: Map<Session, Outgoing[]>,
    user: Session,
    channel: Channel,
    modes: string,
    returning: ReadonlySet<Session>,
  ): void {
    const { ircd } = this
    const plain = ircd.from(user, 'JOIN', channel.name)
    const extended = { ...plain, params: [channel.name, user.account ?? '*', user.realname] }
    const nicks = Array<string>(modes.length).fill(user.nick)
    for (const member of channel.members.keys()) {
      if (returning.has(member)) continue
      collect(seen, member, member.caps.has('extended-join') ? extended : plain)
      if (modes !== '') collect(seen, member, ircd.line('MODE', channel.name, `+${modes}`, ...nicks))
    }
    ircd.recordEvent(channel, extended)
  }

  /** https://ircv3.net/specs/extensions/netsplit-and-netjoin */
  private send(type: string, server: string, seen: ReadonlyMap<Session, readonly Outgoing[]>): void {
    const { ircd } = this
    for (const [peer, lines] of seen) {
      if (!peer.caps.has('batch')) {
        for (const line of lines) peer.send(line)
        continue
      }
      const batch = peer.nextBatch()
      peer.send(ircd.line('BATCH', `+${batch}`, type, ircd.settings.name, server))
      for (const line of lines) peer.send({ ...line, batch })
      peer.send(ircd.line('BATCH', `-${batch}`))
    }
  }
}

function collect(seen: Map<Session, Outgoing[]>, peer: Session, line: Outgoing): void {
  const lines = seen.get(peer) ?? []
  lines.push(line)
  seen.set(peer, lines)
}
