import { randomBytes } from 'node:crypto'
import type { BaseTelegramClient } from '@mtcute/core/client.js'
import type { tl } from '@mtcute/core'
import type { Logger } from '../../model/logger.ts'
import type { NewLogin } from '../../model/login.ts'
import { closeClient, createClient } from './client.ts'
import type { TelegramConfig } from './config.ts'
import { MemorySession } from '../shared/memory-session.ts'
import { SessionStorage } from './storage.ts'

const CALL_MS = 30_000

/** Under this key a session says under which prefix the rest of it is: what an earlier login left is under another one. */
export const EPOCH = 'epoch'

/** The connection of a login that is under way. Nothing of it is on disk before the login is done. */
export class LoginClient {
  readonly client: BaseTelegramClient
  readonly #session = new MemorySession()
  readonly #storage = new SessionStorage(this.#session)

  constructor(config: TelegramConfig, log: Logger) {
    this.client = createClient({ config, storage: this.#storage, log })
    this.client.onError.add((error) => log.debug({ error: error.message }, 'a login had a fault'))
  }

  /** Calls once: a wait is for the person to know of. @throws tl.RpcError */
  call<T extends tl.RpcMethod>(message: T): Promise<tl.RpcCallReturn[T['_']]> {
    const options = { timeout: CALL_MS, floodSleepThreshold: 0, maxRetryCount: 0 }
    return this.client.call<tl.RpcMethod>(message, options) as Promise<tl.RpcCallReturn[T['_']]>
  }

  /** The answer to the password question (SRP, https://core.telegram.org/api/srp). */
  async proof(password: string): Promise<tl.RawInputCheckPasswordSRP> {
    const request = await this.call({ _: 'account.getPassword' })
    return this.client.computeSrpParams(request, password)
  }

  /** The logged-in account, and all that has to be kept. Updates begin to count from this moment. */
  async finish(user: tl.RawUser): Promise<NewLogin> {
    await this.client.notifyLoggedIn(user)
    // Asked for before anything is read: mtcute's own first question loses what comes between its two halves.
    await this.#storage.beginAt(await this.call({ _: 'updates.getState' }))
    await this.close()
    const epoch = randomBytes(6).toString('hex')
    const kept = Object.entries(await this.#session.all()).map(([key, value]) => [`${epoch}/${key}`, value])
    return {
      account: String(user.id),
      name: nameOf(user),
      session: { ...Object.fromEntries(kept), [EPOCH]: epoch },
    }
  }

  async close(): Promise<void> {
    await closeClient(this.client)
  }
}

function nameOf(user: tl.RawUser): string {
  const name = [user.firstName, user.lastName].filter((part) => part !== undefined && part !== '').join(' ')
  const handle = user.username ?? user.usernames?.[0]?.username
  if (name === '') return handle ?? String(user.id)
  return handle === undefined ? name : `${name} (@${handle})`
}
