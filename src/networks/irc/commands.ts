import { ViaductError } from '../../model/errors.ts'
import type { ActingUser, NetworkCommand } from '../../model/network.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { ChannelDirectory } from './channel-directory.ts'
import { WHOIS } from './channel-directory.ts'
import { stripFormat } from './format-codes.ts'
import { parseChatId } from './ids.ts'
import { doubtAboutNickServ } from './nickserv.ts'
import type { OutgoingLine } from './wire.ts'

/** The commands of IRC, offered by the bot beside the common ones. */
export function commandsFor(directory: ChannelDirectory): readonly NetworkCommand[] {
  const liveOf = (by: ActingUser, chat?: RemoteChat) => {
    if (by.login === undefined) throw new ViaductError('not_logged_in')
    if (chat !== undefined && parseChatId(chat.id)?.network !== by.login.account)
      return directory.live(by.login)
    return directory.live(by.login)
  }
  const run = async (by: ActingUser, line: OutgoingLine, names: string[], done: string): Promise<string> => {
    const { live } = liveOf(by)
    const evidence = await live.command(line, names)
    if (evidence.kind === 'accepted') return done
    if (evidence.kind === 'refused') return `IRC refused it: ${evidence.reply.text}`
    return 'The connection to IRC was lost before there was an answer.'
  }
  const channelOf = (by: ActingUser, chat: RemoteChat | undefined, args: string[]): string => {
    const { hub, live } = liveOf(by, chat)
    const [first] = args
    if (first !== undefined && live.link.isupport.isChannel(first)) return args.shift() ?? first
    if (chat === undefined || chat.type === 'dm') throw new ViaductError('bad_request', 'Which channel?')
    return hub.targetOf(chat)
  }
  return [
    {
      name: 'nick',
      usage: 'nick [NEW]',
      help: 'Shows or changes your nick.',
      async run(by, [nick]) {
        const { hub, session, live } = liveOf(by)
        if (nick === undefined) return `Your nick is ${live.link.nick}.`
        // Before it is asked for, so that the earlier one is not taken back at once.
        const earlier = session.wantNick(nick)
        const answer = await run(by, { command: 'NICK', params: [nick] }, [nick], 'asked')
        if (!live.link.isMe(nick)) {
          if (earlier !== undefined) session.wantNick(earlier)
          return answer === 'asked' ? `The nick ${nick} is not free, or not allowed.` : answer
        }
        if (session.loginId !== undefined) await hub.host.session(session.loginId).set('nick', nick)
        return `You are ${live.link.nick} now.`
      },
    },
    {
      name: 'identify',
      usage: 'identify',
      help: 'Logs in with NickServ again, with the password of your login.',
      async run(by) {
        const { hub, session, live } = liveOf(by)
        const doubt = await doubtAboutNickServ(live, hub.config.servicesHost)
        if (doubt !== undefined) return `It did not work: ${doubt}.`
        const password = session.loginId && (await hub.host.session(session.loginId).get('password'))
        if (!password) return 'Your login has no password; log in again to give one.'
        const line = { command: 'PRIVMSG', params: ['NickServ', `IDENTIFY ${password}`] }
        const evidence = await live.command(line, ['NickServ'])
        return evidence.kind === 'accepted'
          ? 'NickServ was asked; it answers in its own conversation.'
          : 'It did not work.'
      },
    },
    {
      name: 'whois',
      usage: 'whois NICK',
      help: 'Shows what the server knows of somebody.',
      async run(by, [nick]) {
        if (nick === undefined) return 'Whom?'
        const { live } = liveOf(by)
        const lines = await directory.ask(live, { command: 'WHOIS', params: [nick] }, [nick], WHOIS)
        const words = lines
          .filter((m) => m.command !== '318')
          .map((m) => stripFormat(m.params.slice(2).join(' ')))
        return words.length === 0 ? `${nick} is not there.` : `${nick}: ${words.join('; ')}`
      },
    },
    {
      name: 'names',
      usage: 'names [CHANNEL]',
      help: 'Lists who is in a channel.',
      async run(by, args, chat) {
        const channel = channelOf(by, chat, args)
        const { hub } = liveOf(by, chat)
        const members = [...(hub.channel(channel)?.roster.members.values() ?? [])]
        if (members.length === 0) return `Nobody is known to be in ${channel}.`
        const names = members.map(({ nick, modes }) => (modes === '' ? nick : `${nick} (+${modes})`))
        return `${members.length} in ${channel}: ${names.toSorted().join(', ')}`
      },
    },
    {
      name: 'mode',
      usage: 'mode [CHANNEL] CHANGES [NAMES]',
      help: 'Changes modes of a channel, for example "mode +o friend".',
      async run(by, args, chat) {
        const rest = [...args]
        const channel = channelOf(by, chat, rest)
        if (rest.length === 0) return 'Which modes?'
        return run(by, { command: 'MODE', params: [channel, ...rest] }, [channel, ...rest], 'Done.')
      },
    },
    {
      name: 'away',
      usage: 'away [TEXT]',
      help: 'Says that you are away, or back.',
      run: (by, args) =>
        run(by, { command: 'AWAY', params: args.length === 0 ? [] : [args.join(' ')] }, [], 'Done.'),
    },
    {
      name: 'ctcp',
      usage: 'ctcp NICK COMMAND',
      help: "Asks somebody's program something, for example VERSION; the answer comes in your conversation with them.",
      async run(by, [nick, command]) {
        if (nick === undefined || command === undefined || !/^[A-Za-z]+$/.test(command))
          return 'Whom, and what?'
        const { hub, session } = liveOf(by)
        if (session.loginId !== undefined) hub.directChat(session.loginId, nick)
        const text = `\x01${command.toUpperCase()}\x01`
        return run(by, { command: 'PRIVMSG', params: [nick, text] }, [nick], 'Asked.')
      },
    },
  ]
}
