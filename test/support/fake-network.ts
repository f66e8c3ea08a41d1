import type { Readable } from 'node:stream'
import type { Capabilities } from '../../src/model/capabilities.ts'
import { ViaductError } from '../../src/model/errors.ts'
import { remoteChatId, remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import type { LoginId, MatrixUserId, RemoteChatId, RemoteUserId } from '../../src/model/ids.ts'
import type { LoginProcess, LoginStep } from '../../src/model/login.ts'
import type {
  ActingUser,
  Attended,
  ChatDescription,
  ConnectionStatus,
  Connector,
  ConnectorHost,
  HintSink,
  Login,
  MediaFetcher,
  SendRequest,
} from '../../src/model/network.ts'
import { delivered, rejected } from '../../src/model/outcome.ts'
import type { SendOutcome } from '../../src/model/outcome.ts'
import type { RemoteChat, RemoteEvent, RemoteUser } from '../../src/model/remote-event.ts'

export const ALL_NATIVE: Capabilities = {
  formatting: 'native',
  media: 'native',
  location: 'native',
  contact: 'native',
  polls: 'native',
  reactions: 'native',
  edits: 'native',
  redactions: 'native',
  replies: 'native',
  typing: true,
  receipts: true,
  membership: true,
  topic: true,
  name: true,
  power: true,
}

/** A network in memory: it keeps what it is sent and does what a test says. It stands in for IRC in the core's tests. */
export class FakeNetwork implements Connector, Attended, HintSink, MediaFetcher {
  readonly network = 'irc'
  readonly sent: SendRequest[] = []
  caps: Capabilities = ALL_NATIVE
  /** What the next sends answer, in order; afterwards everything is delivered. */
  readonly answers: ((request: SendRequest) => SendOutcome | Promise<SendOutcome>)[] = []
  readonly resolved: SendRequest[] = []
  onResolve: (request: SendRequest) => SendOutcome = () => ({
    kind: 'unknown',
    why: 'the fake network cannot tell',
  })
  /** Attachments that can be fetched, by their `id`. */
  readonly files = new Map<string, () => { stream: Readable; sizeBytes?: number }>()
  readonly fetched: string[] = []
  /** Typing and receipts that were passed on. */
  readonly hints: Parameters<HintSink['hint']>[0][] = []
  #host: ConnectorHost | undefined
  #ids = 0

  get host(): ConnectorHost {
    if (!this.#host) throw new Error('the fake network is not started')
    return this.#host
  }

  /** What it takes until a start knows its logins; sends before that are refused, as by the networks. */
  starting: () => Promise<void> = () => Promise.resolve()
  #started = false

  async start(host: ConnectorHost): Promise<void> {
    this.#host = host
    await this.starting()
    this.#started = true
  }

  stop(): Promise<void> {
    this.#started = false
    return Promise.resolve()
  }

  capabilities(): Capabilities {
    return this.caps
  }

  /** Enters and leaves are not what a test looks for; they are delivered and not kept in `sent`. */
  async send(request: SendRequest): Promise<SendOutcome> {
    if (!this.#started) return rejected('not_logged_in', 'The network does not know the login yet.')
    if (request.action.kind === 'membership') return delivered()
    await request.save({ begun: true })
    this.sent.push(request)
    const answer = this.answers.shift()
    if (answer) return answer(request)
    return delivered([remoteMessageId(`sent-${request.delivery}`)])
  }

  resolve(request: SendRequest): Promise<SendOutcome> {
    this.resolved.push(request)
    return Promise.resolve(this.onResolve(request))
  }

  fetchMedia(_chat: RemoteChat, ref: Record<string, unknown>) {
    const id = String(ref['id'])
    this.fetched.push(id)
    const open = this.files.get(id)
    return open
      ? Promise.resolve(open())
      : Promise.reject(new ViaductError('network_refused', 'the file is gone'))
  }

  hint(hint: Parameters<HintSink['hint']>[0]): void {
    this.hints.push(hint)
  }

  loginFlows = [{ id: 'password', title: 'Password', help: 'with a password' }]
  /** Another login than that with a password. */
  onLogin: ((flow: string) => LoginProcess) | undefined

  startLogin(flow: string): LoginProcess {
    if (this.onLogin) return this.onLogin(flow)
    let step: LoginStep = {
      kind: 'input',
      text: 'Which nick?',
      field: { id: 'nick', label: 'nick', secret: false },
    }
    let nick = ''
    return {
      current: () => step,
      submit: (answer) => {
        if (step.kind === 'input' && step.field.id === 'nick') {
          nick = answer
          step = {
            kind: 'input',
            text: 'Password?',
            field: { id: 'password', label: 'password', secret: true },
          }
        } else {
          step = {
            kind: 'done',
            text: `You are ${nick}.`,
            account: { account: 'fake', name: nick, session: { password: answer } },
          }
        }
        return Promise.resolve(step)
      },
      next: () => Promise.resolve(step),
      cancel: () => Promise.resolve(),
    }
  }

  connect(login: Login): Promise<void> {
    this.host.loginState(login.id, 'connected')
    return Promise.resolve()
  }

  disconnect(): Promise<void> {
    return Promise.resolve()
  }

  /** What is known of contacts before they say anything. */
  readonly contacts = new Map<string, Partial<RemoteUser>>()

  describe(chat: RemoteChat): ChatDescription {
    const bare = chat.id.slice(chat.id.indexOf('/') + 1)
    const contact = { id: remoteUserId(chat.id), ...(this.contacts.get(chat.id) ?? { name: bare }) }
    return { name: chat.name ?? bare, type: chat.type, ...(chat.type === 'dm' && { contact }) }
  }

  ghostLocalpart(user: RemoteUserId): string {
    return user.replace('/', '_')
  }

  serves(login: Login, chat: RemoteChat): boolean {
    return chat.id.startsWith(`${login.account}/`)
  }

  /** Logins by what they are called on the network. */
  readonly own = new Map<string, Login>()
  /** Who is in which conversation. */
  readonly attendees = new Map<string, Login[]>()

  ownerOf(user: RemoteUserId): MatrixUserId | undefined {
    return this.own.get(user)?.owner
  }

  attending(chat: RemoteChat): readonly Login[] {
    return this.attendees.get(chat.id) ?? []
  }

  status(): ConnectionStatus[] {
    return []
  }

  canRelay(): boolean {
    return true
  }

  find(login: Login, name: string) {
    const id = remoteUserId(`${login.account}/${name}`)
    return Promise.resolve({ id, name, chat: this.direct(name, login.id) })
  }

  join(_by: ActingUser, name: string): Promise<RemoteChat> {
    return Promise.resolve(this.channel(name))
  }

  leave(): Promise<void> {
    return Promise.resolve()
  }

  list() {
    return Promise.resolve([{ id: 'fake/#town', name: '#town', members: 3 }])
  }

  channel(name: string): RemoteChat {
    return { network: 'irc', id: remoteChatId(`fake/${name}`), type: 'channel', name }
  }

  direct(name: string, receiver: LoginId): RemoteChat {
    return {
      network: 'irc',
      id: remoteChatId(`fake/${name}`) satisfies RemoteChatId,
      type: 'dm',
      receiver,
      name,
    }
  }

  /** A message of a contact. @returns its remote id */
  async say(chat: RemoteChat, nick: string, body: string, id = `in-${(this.#ids += 1)}`): Promise<string> {
    await this.tell({
      kind: 'message',
      chat,
      id: remoteMessageId(id),
      at: new Date(),
      sender: { id: remoteUserId(`fake/${nick}`), name: nick },
      content: { kind: 'text', style: 'text', body },
    })
    return id
  }

  tell(...events: RemoteEvent[]): Promise<void> {
    return this.host.accept(events)
  }
}
