import { ViaductError, messageOf } from '../model/errors.ts'
import type { LoginId, MatrixUserId, NetworkName } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { LoginProcess, LoginStep } from '../model/login.ts'
import type { Connector, Login } from '../model/network.ts'
import type { RemoteChat } from '../model/remote-event.ts'
import type { Database } from '../store/db.ts'
import { loginsOf, setLoginState, upsertLogin } from '../store/login.ts'
import { deleteSetting, readSetting, writeSetting } from '../store/setting.ts'
import { LoginSession } from '../store/session.ts'
import type { Vault } from '../store/session.ts'
import type { LoginDisplay } from './login-display.ts'

export type LoginsDeps = {
  db: Database
  vault: Vault
  connectors: ReadonlyMap<NetworkName, Connector>
  log: Logger
  tell: (user: MatrixUserId, text: string) => Promise<void>
  display: Pick<LoginDisplay, 'show' | 'hide'>
}

/** A login under way. `shows`: its code is in the room. */
type UnderWay = { process: LoginProcess; network: NetworkName; since: number; shows: boolean }

/** Where it is kept that a user was asked for a secret. */
const secretDue = (user: MatrixUserId) => `secret_due:${user}`

const IDLE_MS = 10 * 60_000

/** Logins under way and logins that exist. One under way lives in memory: a crash means to begin it again. */
export class Logins {
  readonly #deps: LoginsDeps
  readonly #underWay = new Map<MatrixUserId, UnderWay>()

  constructor(deps: LoginsDeps) {
    this.#deps = deps
  }

  /** Puts words into a user's room with the bot. */
  tell(user: MatrixUserId, text: string): Promise<void> {
    return this.#deps.tell(user, text)
  }

  /** Begins a login. @throws ViaductError when there is no such network or way to log in */
  async begin(user: MatrixUserId, network: string, flow?: string): Promise<string> {
    const connector = [...this.#deps.connectors.values()].find((c) => c.network === network)
    if (!connector) {
      throw new ViaductError(
        'bad_request',
        `There is no network "${network}" here. Known: ${[...this.#deps.connectors.keys()].join(', ')}.`,
      )
    }
    const { loginFlows: flows } = connector
    const wanted = flow?.toLowerCase()
    const chosen = flows.find((f) => f.id === wanted) ?? (flows.length === 1 ? flows[0] : undefined)
    if (!chosen) {
      if (flows.length === 0) throw new ViaductError('unsupported', `${network} has no way to log in.`)
      const ways = flows.map((f) => `• login ${network} ${f.id} – ${f.title}. ${f.help}`)
      return ['How do you want to log in? Say one of:', ...ways].join('\n')
    }
    await this.cancel(user)
    const process = connector.startLogin(chosen.id, user)
    this.#underWay.set(user, { process, network: connector.network, since: Date.now(), shows: false })
    return this.#show(user, process.current())
  }

  /**
   * What the user's next message is to a login: `lost` means that it may be the secret that a login asked for before the
   * program restarted, and has to be treated as one.
   */
  async expects(user: MatrixUserId): Promise<'nothing' | 'answer' | 'secret' | 'lost'> {
    const entry = this.#underWay.get(user)
    if (!entry || Date.now() - entry.since > IDLE_MS) {
      return (await readSetting(this.#deps.db, secretDue(user))) ? 'lost' : 'nothing'
    }
    const step = entry.process.current()
    if (step.kind !== 'input') return 'nothing'
    return step.field.secret ? 'secret' : 'answer'
  }

  async answer(user: MatrixUserId, text: string): Promise<string> {
    const entry = this.#underWay.get(user)
    if (!entry) throw new ViaductError('bad_request', 'No login is under way.')
    entry.since = Date.now()
    return this.#show(user, await entry.process.submit(text))
  }

  async cancel(user: MatrixUserId): Promise<boolean> {
    const entry = this.#underWay.get(user)
    this.#underWay.delete(user)
    await deleteSetting(this.#deps.db, secretDue(user))
    if (entry) await this.#hide(user, entry)
    await entry?.process.cancel()
    return entry !== undefined
  }

  /** Ends all that are under way: what would come of them could not be kept any more. Never throws. */
  async stop(): Promise<void> {
    const all = [...this.#underWay.values()]
    this.#underWay.clear()
    await Promise.allSettled(all.map(({ process }) => process.cancel()))
  }

  async logout(login: Login): Promise<void> {
    await this.#deps.connectors.get(login.network)?.disconnect(login.id, { forget: true })
    const { db, vault } = this.#deps
    // No login that is over keeps its secrets, whatever happens between the two.
    await db.tx(async (tx) => {
      await setLoginState(tx, login.id, 'logged_out')
      await new LoginSession(tx, vault, login.id).clear()
    })
  }

  /** The login that a user means by a network or account name; without one, their only login. */
  async pick(user: MatrixUserId, name?: string): Promise<Login> {
    const logins = await loginsOf(this.#deps.db, user)
    const fitting =
      name === undefined ? logins : logins.filter((l) => l.account === name || l.network === name)
    const [only, another] = fitting
    if (!only) {
      const words =
        name === undefined ? 'You are not logged in anywhere.' : `You have no login called "${name}".`
      throw new ViaductError('not_logged_in', `${words} Say "login" to begin.`)
    }
    if (another) {
      throw new ViaductError(
        'bad_request',
        `Which one? Add one of: ${fitting.map((l) => l.account).join(', ')}`,
      )
    }
    return only
  }

  /** The login by which a user is in a conversation. @throws ViaductError `not_logged_in` */
  async inChat(user: MatrixUserId, chat: RemoteChat): Promise<Login> {
    const connector = this.#deps.connectors.get(chat.network)
    const logins = await loginsOf(this.#deps.db, user)
    const found = logins.find(
      (login) => login.network === chat.network && connector?.serves(login, chat) === true,
    )
    if (found) return found
    throw new ViaductError(
      'not_logged_in',
      `You have no login that is in this conversation. Say "login" to begin.`,
    )
  }

  async #show(user: MatrixUserId, step: LoginStep): Promise<string> {
    if (step.kind === 'input' && step.field.secret) {
      await writeSetting(this.#deps.db, secretDue(user), Buffer.from('due'))
    } else await deleteSetting(this.#deps.db, secretDue(user))
    const entry = this.#underWay.get(user)
    if (entry && step.kind !== 'show') await this.#hide(user, entry)
    switch (step.kind) {
      case 'input': {
        const choices = step.field.choices ? `\nOne of: ${step.field.choices.join(', ')}` : ''
        const { optional, example } = step.field
        const otherwise = example === undefined ? 'to leave it out' : `for ${example}`
        const skip = optional === true ? `\n(Say "-" ${otherwise}.)` : ''
        const secret = step.field.secret ? '\nYour answer will be removed from this room.' : ''
        return `${step.text}${choices}${skip}${secret}`
      }
      case 'show':
        if (entry) entry.shows ||= step.data !== ''
        await this.#deps.display.show(user, step)
        this.#follow(user)
        return step.data === '' ? step.text : 'I wait until you have used the code. Say "cancel" to stop.'
      case 'failed':
        this.#underWay.delete(user)
        return `❌ ${step.text}`
      case 'done': {
        if (!entry) throw new ViaductError('internal', 'The login ended without having begun.')
        this.#underWay.delete(user)
        await this.#keep(user, entry.network, step)
        return `✅ ${step.text}`
      }
    }
  }

  async #keep(
    owner: MatrixUserId,
    network: NetworkName,
    step: Extract<LoginStep, { kind: 'done' }>,
  ): Promise<void> {
    const { db, vault, connectors } = this.#deps
    const { account, name, session } = step.account
    const login = await db.tx(async (tx) => {
      const row = await upsertLogin(tx, { owner, network, account, name })
      const store = new LoginSession(tx, vault, row.id)
      await store.setMany(session)
      return row
    })
    await connectors.get(network)?.connect(login)
  }

  async #hide(user: MatrixUserId, entry: UnderWay): Promise<void> {
    if (!entry.shows) return
    entry.shows = false
    await this.#deps.display.hide(user)
  }

  /** A step that shows something goes on by itself. */
  #follow(user: MatrixUserId): void {
    const entry = this.#underWay.get(user)
    if (!entry) return
    void entry.process
      .next()
      .then(async (step) => {
        if (this.#underWay.get(user) !== entry) return
        entry.since = Date.now()
        const words = await this.#show(user, step)
        // A code that takes the place of another speaks for itself.
        if (step.kind !== 'show') await this.#deps.tell(user, words)
      })
      .catch((error: unknown) => this.#deps.log.warn({ error: messageOf(error) }, 'login step failed'))
  }

  session(login: LoginId): LoginSession {
    return new LoginSession(this.#deps.db, this.#deps.vault, login)
  }
}
