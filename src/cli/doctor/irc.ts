import { withIrcSecrets } from '../../config/index.ts'
import type { Config, IrcNetwork, Secrets } from '../../config/index.ts'
import { systemClock } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { Logger } from '../../model/logger.ts'
import { linkOptions } from '../../networks/irc/credentials.ts'
import type { Credentials } from '../../networks/irc/credentials.ts'
import { Link } from '../../networks/irc/link.ts'
import type { Closing } from '../../networks/irc/closing.ts'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** A server that looks up names and asks identd takes its time. */
const PATIENCE_MS = 40_000

const MENDS: Readonly<Record<Closing['kind'], string>> = {
  lost: 'mend host, port and tls of the server; if its certificate is its own, set pins or ca',
  throttled: 'wait some minutes: the server takes no more connections from here for now',
  blocked: 'the server bans this address or nick: write to the people of the network',
  bad_credentials: "mend bot.account, and the network's passwords in secrets.yaml",
  requested: 'try again',
}

/** Each server of each network: that the bot gets in, and what the server offers. */
export async function checkIrc(config: Config, secrets: Secrets, log: Logger): Promise<Finding[]> {
  const { networks } = withIrcSecrets(config.irc, secrets)
  if (networks.length === 0)
    return [warning('IRC', 'no networks are configured', 'add one under irc.networks')]
  const found = await Promise.all(networks.map((network) => checkNetwork(network, log)))
  return found.flat()
}

/** One server after the other: networks count connections per address. */
async function checkNetwork(network: IrcNetwork, log: Logger): Promise<Finding[]> {
  const found: Finding[] = []
  for (const [index, server] of network.servers.entries()) {
    const name = `IRC ${network.id} ${server.host}:${server.port}`
    try {
      found.push(await checkServer(name, optionsFor(network, index), log))
    } catch (error) {
      found.push(fault(name, messageOf(error), MENDS.bad_credentials))
    }
  }
  return found
}

function optionsFor(network: IrcNetwork, index: number) {
  const { nick, ident, realname, account, password } = network.bot
  const who: Credentials = {
    nick,
    ident,
    realname,
    method: password === undefined ? 'none' : 'plain',
    ...(account !== undefined && { account }),
    ...(password !== undefined && { password }),
  }
  return linkOptions(network, who, index)
}

function checkServer(name: string, options: ReturnType<typeof linkOptions>, log: Logger): Promise<Finding> {
  return new Promise((resolve) => {
    let welcomed: Finding | undefined
    const link = new Link({
      clock: systemClock,
      log,
      options,
      events: {
        item: () => {},
        welcome: () => {
          welcomed = welcomeFinding(name, link)
          link.quit('viaduct doctor')
        },
        closed: ({ kind, text }) => {
          clearTimeout(late)
          resolve(welcomed ?? fault(name, text === '' ? 'the connection ended' : text, MENDS[kind]))
        },
      },
    })
    const late = setTimeout(() => {
      link.close({ kind: 'lost', text: `not let in within ${PATIENCE_MS / 1000} s` })
    }, PATIENCE_MS)
    link.open()
  })
}

/** What the server has that makes a difference to those who write. */
const GOOD_CAPS: readonly (readonly [string, string])[] = [
  ['labeled-response', 'proof of arrival'],
  ['echo-message', 'echo'],
  ['draft/chathistory', 'history'],
  ['draft/multiline', 'multiline'],
  ['draft/message-redaction', 'redaction'],
]

function welcomeFinding(name: string, link: Link): Finding {
  const caps = GOOD_CAPS.filter(([cap]) => link.offers(cap)).map(([, words]) => words)
  const { nickLen, network } = link.isupport
  const facts = [
    `${network ?? link.serverName} lets ${link.nick} in`,
    link.options.server.tls ? 'by TLS' : 'without TLS',
    `nicks up to ${nickLen}`,
    caps.length === 0 ? 'no extras' : caps.join(', '),
  ]
  const text = facts.join('; ')
  if (link.options.sasl !== undefined && link.account === undefined) {
    return warning(name, `${text}; not logged in to its account`, MENDS.bad_credentials)
  }
  if (link.nick !== link.options.nick) {
    return warning(
      name,
      text,
      `${link.options.nick} is in use: by a bridge that runs, or else choose another bot.nick`,
    )
  }
  return ok(name, text)
}
