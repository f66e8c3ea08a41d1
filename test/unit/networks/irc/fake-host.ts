import { Readable } from 'node:stream'
import type { DeliveryId, LoginId, RemoteMessageId } from '../../../../src/model/ids.ts'
import { deliveryId, loginId, matrixEventId, matrixUserId, portalId } from '../../../../src/model/ids.ts'
import { systemClock } from '../../../../src/model/clock.ts'
import type { Clock } from '../../../../src/model/clock.ts'
import type { MediaContent, TextContent } from '../../../../src/model/content.ts'
import type { Logger } from '../../../../src/model/logger.ts'
import type { LoginState } from '../../../../src/model/login.ts'
import type {
  ChatRef,
  ConnectorHost,
  Login,
  SendRequest,
  SessionStore,
} from '../../../../src/model/network.ts'
import type { SendOutcome } from '../../../../src/model/outcome.ts'
import type { RemoteAction, Target } from '../../../../src/model/remote-action.ts'
import type { RemoteChat, RemoteEvent, RemoteHint } from '../../../../src/model/remote-event.ts'
import { waitUntil } from '../../../sim/irc/wait.ts'

const silent = () => undefined

export const silentLog: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  child: () => silentLog,
}

/** A core in memory: takes what a connector tells, and keeps it for a test to look at. */
export class FakeHost implements ConnectorHost {
  clock: Clock = systemClock
  log = silentLog
  readonly events: RemoteEvent[] = []
  readonly hints: RemoteHint[] = []
  readonly states: { login: LoginId; state: LoginState; text: string | undefined }[] = []
  readonly woken: { login?: LoginId; chat?: string }[] = []
  readonly lates: { delivery: DeliveryId; outcome: SendOutcome }[] = []
  readonly told: { login: LoginId; text: string }[] = []
  readonly saved: Login[] = []
  readonly known_ = new Set<string>()
  begun_: unknown[] = []
  /** What was last saved of each delivery. */
  readonly progress = new Map<DeliveryId, unknown>()
  chatRefs: ChatRef[] = []
  newestAt: { id: RemoteMessageId; at: Date } | undefined
  /** Thrown by `accept` while set. */
  refuses: Error | undefined
  link: string | undefined
  readonly #taken = new Set<string>()
  readonly #sessions = new Map<LoginId, Map<string, string>>()

  accept = async (events: RemoteEvent[]): Promise<void> => {
    await Promise.resolve()
    if (this.refuses !== undefined) throw this.refuses
    for (const event of events) {
      const key = JSON.stringify([event.chat.id, event.chat.receiver, event.kind, event.id])
      if (!this.#taken.has(key)) this.events.push(event)
      this.#taken.add(key)
    }
  }
  hint = (hint: RemoteHint) => void this.hints.push(hint)
  loginState = (login: LoginId, state: LoginState, text?: string) =>
    void this.states.push({ login, state, text })
  ready = (what: { login?: LoginId; chat?: string }) => void this.woken.push(what)
  late = (delivery: DeliveryId, outcome: SendOutcome) => void this.lates.push({ delivery, outcome })
  tell = async (login: LoginId, text: string) => void this.told.push({ login, text })
  logins = async () => this.saved
  chats = async () => this.chatRefs
  newest = async () => this.newestAt
  known = async (_chat: RemoteChat, ids: RemoteMessageId[]) =>
    new Set(ids.filter((id) => this.known_.has(id)))
  ghost = (network: string, user: string) => matrixUserId(`@_${network}_${user.replace(':', '_')}:hs.example`)
  /** Progress of rows that have not ended. */
  underWay_: { delivery: DeliveryId; progress: unknown }[] = []
  underWay = async () => this.underWay_
  /** What `openMedia` gives, by mxc. */
  readonly media = new Map<string, Buffer>()
  openMedia = async ({ source }: MediaContent) => {
    const bytes = source.at === 'matrix' ? this.media.get(source.mxc) : undefined
    if (bytes === undefined) throw new Error('no such media')
    return { stream: Readable.from([bytes]), sizeBytes: bytes.length }
  }
  begun = async () => [...this.begun_, ...this.progress.values()]
  mediaLink = () => undefined
  textLink = async () => this.link

  session = (login: LoginId): SessionStore => {
    const values = this.#sessions.get(login) ?? new Map<string, string>()
    this.#sessions.set(login, values)
    return {
      get: async (key) => values.get(key),
      set: async (key, value) => void values.set(key, value),
      setMany: async (given) => {
        for (const [key, value] of Object.entries(given)) {
          if (value === undefined) values.delete(key)
          else values.set(key, value)
        }
      },
      delete: async (key) => void values.delete(key),
      all: async (except = []) =>
        Object.fromEntries([...values].filter(([key]) => !except.some((prefix) => key.startsWith(prefix)))),
      keys: async (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
    }
  }

  /** A login that there is already, with what is kept of it. */
  async login(
    id: number,
    name: string,
    network: string,
    session: Record<string, string> = {},
  ): Promise<Login> {
    const owner = matrixUserId(`@${name}:hs.example`)
    const login: Login = { id: loginId(id), owner, network: 'irc', account: network, name }
    for (const [key, value] of Object.entries({ nick: name, method: 'none', ...session })) {
      await this.session(login.id).set(key, value)
    }
    this.saved.push(login)
    return login
  }

  /** Bodies of the messages taken in for a conversation. */
  bodies(chat?: string): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'message' && (chat === undefined || event.chat.id === chat)
        ? [(event.content as TextContent).body]
        : [],
    )
  }

  of<K extends RemoteEvent['kind']>(kind: K): Extract<RemoteEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<RemoteEvent, { kind: K }> => event.kind === kind)
  }

  until(predicate: () => unknown, what: string): Promise<void> {
    return waitUntil(predicate, what, 20_000)
  }
}

let deliveries = 0

/** A delivery to be sent; `saves` collects what was kept of it. */
export function request(o: {
  chat: RemoteChat
  login?: Login
  name?: string
  action: RemoteAction | string
  progress?: unknown
  saves?: unknown[]
}): SendRequest {
  const { login } = o
  const action: RemoteAction =
    typeof o.action === 'string'
      ? { kind: 'message', content: { kind: 'text', style: 'text', body: o.action } }
      : o.action
  return {
    delivery: deliveryId(++deliveries),
    chat: { portal: portalId(1), chat: o.chat },
    by: {
      user: login?.owner ?? matrixUserId('@relayed:hs.example'),
      name: o.name ?? login?.name ?? 'Relayed',
      ...(login && { login }),
    },
    action,
    at: new Date(),
    ...(o.progress !== undefined && { progress: o.progress }),
    save: async (progress) => void o.saves?.push(structuredClone(progress)),
    signal: new AbortController().signal,
  }
}

export function target(remoteIds: RemoteMessageId[], o: Partial<Target> = {}): Target {
  return { eventId: matrixEventId('$event'), remoteIds, own: false, at: new Date(), ...o }
}
