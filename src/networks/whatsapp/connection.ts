import type { BinaryNode, WASocket } from '@whiskeysockets/baileys'
import { sleep } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { RemoteChatId } from '../../model/ids.ts'
import type { ConnectorHost, Login } from '../../model/network.ts'
import { Acceptor } from './acceptor.ts'
import type { AccountView } from './account-view.ts'
import { AuthState } from './auth-state.ts'
import { Book } from './book.ts'
import type { WhatsAppConfig } from './config.ts'
import { openEpoch } from './epoch.ts'
import { Groups } from './groups.ts'
import { Journal } from './journal.ts'
import type { WhatsAppObserver } from './observer.ts'
import { PhoneChanges } from './phone-changes.ts'
import { Pictures } from './pictures.ts'
import { ReadAuthors } from './read-authors.ts'
import { Reader } from './reader.ts'
import { Receiver } from './receive.ts'
import type { Sent } from './sent.ts'
import { signalDoor } from './signal-door.ts'
import { Socket } from './socket.ts'
import type { Heard } from './socket.ts'
import { toUserId } from './ids.ts'
import { Undecrypted } from './undecrypted.ts'
import { Unread } from './unread.ts'
import { Vault } from './vault.ts'

export type ConnectionDeps = {
  config: WhatsAppConfig
  host: ConnectorHost
  login: Login
  view: AccountView
  sent: Sent
  observer: WhatsAppObserver
  /** The account is logged in, and may send. */
  opened(connection: Connection): void
  /** It is over, and why. Called once. */
  ended(error: unknown): void
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 5 * 60_000
const PRUNE_MS = 12 * 60 * 60_000

/** One connection of a linked account, from its beginning to its end. */
export class Connection {
  readonly vault: Vault
  readonly groups = new Groups()
  /** Whose presence the server tells us. */
  readonly watched = new Set<RemoteChatId>()
  /** Groups with whose devices there are sessions. */
  readonly acquainted = new Set<string>()
  readonly book: Book
  readonly acceptor: Acceptor
  readonly reader: Reader
  readonly changes: PhoneChanges
  readonly pictures: Pictures
  readonly readAuthors = new ReadAuthors()
  readonly unread = new Unread()
  readonly undecrypted: Undecrypted
  readonly #deps: ConnectionDeps
  readonly #state: AuthState
  readonly #journal: Journal
  readonly #receiver: Receiver
  readonly #socket: Socket
  readonly #over = new AbortController()
  #isOver = false
  #cancelPrune: () => void = () => undefined

  private constructor(deps: ConnectionDeps, vault: Vault, journal: Journal, waiting: readonly BinaryNode[]) {
    this.#deps = deps
    this.vault = vault
    this.#journal = journal
    const { config, host, login, view, sent, observer } = deps
    this.book = new Book(vault)
    view.book = this.book
    view.groups = this.groups
    this.#state = new AuthState(
      vault,
      (mappings) => this.reader.mapped(mappings),
      (data) => this.changes.alongside(data),
    )
    this.acceptor = new Acceptor(host, journal, {
      waiting: (jobs) => observer.waiting(login.id, jobs),
      unread: (error) => observer.unread(error),
    })
    this.pictures = new Pictures(deps, this)
    this.undecrypted = new Undecrypted(deps, this)
    this.reader = new Reader(deps, this)
    this.changes = new PhoneChanges(deps, this, this.reader.people)
    this.#receiver = new Receiver({
      journal,
      acceptor: this.acceptor,
      convert: (message) => this.reader.received(message),
      unreadable: (message) => this.reader.unreadable(message),
      undecrypted: this.undecrypted,
    })
    const { creds, keys } = this.#state
    this.#whoWeAre()
    this.#socket = new Socket({
      config,
      options: {
        auth: { creds, keys },
        makeSignalRepository: signalDoor(keys, journal, (stanza) => this.undecrypted.keep(stanza)),
        getMessage: async (key) => {
          const found = await sent.find(host, view, key)
          if (found === undefined) observer.notKept()
          return found
        },
        cachedGroupMetadata: async (jid) => this.groups.metadata(jid),
      },
      heard: (event) => this.#heard(event),
      message: (stanza, process) => this.#receiver.take(stanza, process),
    })
    // Right after the login, so that what an earlier connection left comes before what waits at the server.
    this.#socket.on('CB:success', () => {
      for (const stanza of waiting) this.#socket.replay(stanza)
    })
    this.#socket.on('frame', (stanza) => {
      this.readAuthors.frame(stanza)
      this.changes.frame(stanza, (id) => this.#state.syncKey(id))
    })
    this.#socket.on('CB:receipt', ({ attrs: { id, type } }) => {
      if (type === 'retry') observer.askedAgain()
      else if (id !== undefined) sent.arrived(id)
    })
  }

  /** @throws when what is kept of the login can't be read */
  static async open(deps: ConnectionDeps): Promise<Connection> {
    const { host, login } = deps
    const { session, values } = await openEpoch(host.session(login.id))
    let broken: (error: unknown) => void = () => undefined
    const vault = new Vault(session, values, (error) => broken(error))
    const journal = new Journal(vault, host.clock)
    const { waiting, givenUp } = await journal.unconfirmed()
    if (waiting.length > 0) deps.observer.replayed(waiting.length)
    const connection = new Connection(deps, vault, journal, waiting)
    // What can't be kept must not be acknowledged either.
    broken = (error) => connection.fail(error)
    for (const stanza of givenUp) await connection.undecrypted.keep(stanza)
    return connection
  }

  get baileys(): WASocket {
    return this.#socket.baileys
  }

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** Ends the connection at once: nothing more leaves. */
  fail(error: unknown): void {
    this.#socket.fail(error instanceof Error ? error : new Error(messageOf(error)))
  }

  /** Ends the connection. What was taken in is handed over, the rest is replayed by the next one. */
  async close(): Promise<void> {
    this.#isOver = true
    this.#over.abort()
    this.#cancelPrune()
    this.undecrypted.stop()
    this.changes.stop()
    await this.#socket.end()
    await this.#receiver.stop()
    await this.acceptor.stop()
  }

  #heard(event: Heard): void {
    switch (event.name) {
      case 'creds.update':
        this.#whoWeAre()
        this.#state.save().catch(() => undefined)
        return
      case 'connection.update': {
        const { connection, lastDisconnect } = event.data
        if (connection === 'open') this.#opened()
        if (connection === 'close' && !this.#isOver) {
          this.#isOver = true
          this.#over.abort()
          this.#deps.ended(lastDisconnect?.error)
        }
        return
      }
      case 'messages.upsert':
        return this.#receiver.heard(event.data.messages)
      default:
        this.reader.heard(event)
    }
  }

  #opened(): void {
    if (this.#isOver) return
    this.#deps.opened(this)
    this.changes.start()
    void this.#ask()
    this.undecrypted.start()
    this.#prune()
  }

  /** What the account is in, until the server says. Never throws. */
  async #ask(): Promise<void> {
    const { host } = this.#deps
    for (let pauseMs = FIRST_PAUSE_MS; !this.#isOver; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await this.reader.opened()
      } catch (error) {
        if (!this.#isOver)
          host.log.warn({ error: messageOf(error) }, 'whatsapp: not everything was asked for')
        await sleep(host.clock, pauseMs, this.signal)
      }
    }
  }

  #prune(): void {
    const { clock, log } = this.#deps.host
    this.#journal.prune().catch((error: unknown) => {
      if (!this.#isOver)
        log.warn({ error: messageOf(error) }, 'whatsapp: what is long done is not forgotten yet')
    })
    this.#cancelPrune = clock.after(PRUNE_MS, () => this.#prune())
  }

  #whoWeAre(): void {
    const { me } = this.#state.creds
    const { view } = this.#deps
    const phone = toUserId(me?.id)
    const lid = toUserId(me?.lid)
    if (me?.name && me.name !== '~') view.name = me.name
    if (phone !== undefined) view.self = { phone, ...(lid !== undefined && { lid }) }
  }
}
