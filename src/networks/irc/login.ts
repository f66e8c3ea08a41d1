import { ViaductError } from '../../model/errors.ts'
import type { MatrixUserId } from '../../model/ids.ts'
import type { LoginField, LoginFlow, LoginProcess, LoginStep, NewLogin } from '../../model/login.ts'
import type { IrcConfig, IrcNetworkConfig } from './config.ts'
import type { AuthMethod } from './credentials.ts'
import { isPrivate } from './credentials.ts'
import { whoIs } from './identity.ts'
import { renderNick } from './names.ts'
import { selfSigned } from './self-signed.ts'

export const IRC_FLOWS: readonly LoginFlow[] = [
  {
    id: 'irc',
    title: 'IRC',
    help: 'Choose a network and a nick; with a password or a certificate if you have an account.',
  },
]

const METHODS: Readonly<Record<string, AuthMethod>> = {
  none: 'none',
  password: 'plain',
  certificate: 'external',
  nickserv: 'nickserv',
  server: 'password',
}

type Answers = {
  network?: IrcNetworkConfig
  nick?: string
  method?: AuthMethod
  account?: string
  password?: string
}

type Question = { text: string; field: LoginField; take(answer: string): string | undefined }

const NICK = /^[A-Za-z[\]\\`_^{|}][-A-Za-z0-9[\]\\`_^{|}]*$/

/** Asks which network, nick and way to prove who one is; nothing is sent to IRC before the end. */
export class IrcLogin implements LoginProcess {
  readonly #config: IrcConfig
  readonly #owner: MatrixUserId
  readonly #answers: Answers = {}
  #step: LoginStep
  #question: Question | undefined
  #done: NewLogin | undefined

  /** @throws ViaductError for a flow that there is not, or when no network is configured */
  constructor(config: IrcConfig, flow: string, owner: MatrixUserId) {
    if (flow !== 'irc') throw new ViaductError('bad_request', `There is no login ${flow} for IRC.`)
    const [only, ...others] = config.networks
    if (only === undefined) throw new ViaductError('bad_config', 'No IRC network is configured.')
    this.#config = config
    this.#owner = owner
    if (others.length === 0) this.#answers.network = only
    this.#step = this.#next()
  }

  current(): LoginStep {
    return this.#step
  }

  async submit(answer: string): Promise<LoginStep> {
    const question = this.#question
    if (question === undefined) return this.#step
    const wrong = question.take(answer.trim())
    this.#step =
      wrong === undefined
        ? this.#next()
        : { kind: 'input', text: `${wrong} ${question.text}`, field: question.field }
    return this.#step
  }

  async next(): Promise<LoginStep> {
    if (this.#step.kind === 'show' && this.#done !== undefined) this.#step = finished(this.#done)
    return this.#step
  }

  async cancel(): Promise<void> {
    this.#question = undefined
    this.#step = { kind: 'failed', text: 'The login was cancelled.', code: 'cancelled' }
  }

  #next(): LoginStep {
    const question = this.#ask()
    this.#question = question
    return question === undefined
      ? this.#finish()
      : { kind: 'input', text: question.text, field: question.field }
  }

  /** What is still to be asked; undefined when all is known. */
  #ask(): Question | undefined {
    const { network, nick, method, account, password } = this.#answers
    if (network === undefined) return this.#askNetwork()
    if (nick === undefined) return this.#askNick(network)
    if (method === undefined) return this.#askMethod(network)
    if (account === undefined && (method === 'plain' || method === 'nickserv')) return this.#askAccount(nick)
    if (password === undefined && method !== 'none' && method !== 'external') return this.#askPassword(method)
    return undefined
  }

  #askNetwork(): Question {
    const { networks } = this.#config
    const list = networks.map(({ id, name }) => `${id} (${name})`).join(', ')
    return {
      text: `Which IRC network? ${list}`,
      field: { id: 'network', label: 'Network', secret: false, choices: networks.map(({ id }) => id) },
      take: (answer) => {
        const wanted = answer.toLowerCase()
        const found = networks.find(
          ({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted,
        )
        if (found === undefined) return 'There is no such network.'
        this.#answers.network = found
        return undefined
      },
    }
  }

  #askNick(network: IrcNetworkConfig): Question {
    const usual = renderNick(network.nickTemplate, whoIs(this.#owner), { nickLen: 30 })
    return {
      text: `Which nick do you want on ${network.name}?`,
      field: { id: 'nick', label: 'Nick', secret: false, optional: true, example: usual },
      take: (answer) => {
        const nick = answer === '' || answer === '-' ? usual : answer
        if (!NICK.test(nick)) return 'That cannot be a nick on IRC.'
        this.#answers.nick = nick
        return undefined
      },
    }
  }

  #askMethod(network: IrcNetworkConfig): Question {
    return {
      text:
        'How do you log in? "none" without an account, "password" for an account (SASL), "certificate" (CertFP), ' +
        '"nickserv" for a password told to NickServ, "server" for a password of the server itself, as bouncers have.',
      field: { id: 'method', label: 'Way to log in', secret: false, choices: Object.keys(METHODS) },
      take: (answer) => {
        const method = Object.hasOwn(METHODS, answer.toLowerCase())
          ? METHODS[answer.toLowerCase()]
          : undefined
        if (method === undefined) return 'That is none of the ways.'
        if (method !== 'none' && !network.servers.every((server) => isPrivate(server, network))) {
          return 'This network is reached without TLS, so no secret can be given to it.'
        }
        this.#answers.method = method
        return undefined
      },
    }
  }

  #askAccount(nick: string): Question {
    return {
      text: 'What is your account called?',
      field: { id: 'account', label: 'Account', secret: false, optional: true, example: nick },
      take: (answer) => {
        const account = answer === '' || answer === '-' ? nick : answer
        if (/[\s\0]/.test(account)) return 'That cannot be the name of an account.'
        this.#answers.account = account
        return undefined
      },
    }
  }

  #askPassword(method: AuthMethod): Question {
    return {
      text:
        method === 'password' ? "What is the server's password?" : 'What is the password of your account?',
      field: { id: 'password', label: 'Password', secret: true },
      take: (answer) => {
        if (answer === '') return 'It is empty.'
        if (/[\0\r\n]/.test(answer)) return 'It holds a character that cannot be sent to IRC.'
        this.#answers.password = answer
        return undefined
      },
    }
  }

  #finish(): LoginStep {
    const { network, nick, method, account, password } = this.#answers
    if (network === undefined || nick === undefined || method === undefined) {
      return { kind: 'failed', text: 'The login is not complete.', code: 'internal' }
    }
    const certificate = method === 'external' ? selfSigned(nick) : undefined
    this.#done = {
      account: network.id,
      name: nick,
      session: {
        nick,
        method,
        channels: '[]',
        ...(account !== undefined && { account }),
        ...(password !== undefined && { password }),
        ...(certificate && { key: certificate.key, cert: certificate.cert }),
      },
    }
    if (certificate === undefined) return finished(this.#done)
    const { sha256, sha512 } = certificate.fingerprint
    return {
      kind: 'show',
      as: 'code',
      data: sha512,
      text:
        'This is the fingerprint (SHA-512) of your new certificate. Say "CERT ADD" and the fingerprint to NickServ from a ' +
        `client that is logged in to your account. Networks that want SHA-256 take ${sha256}.`,
    }
  }
}

function finished(account: NewLogin): LoginStep {
  return { kind: 'done', text: `You are ${account.name} on ${account.account}.`, account }
}
