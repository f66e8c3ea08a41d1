import type { Accounts } from './accounts.ts'
import type { Appservice } from './appservice.ts'
import { forbidden, internal, MatrixError } from './errors.ts'
import type { Call } from './router.ts'
import type { Requester } from './types.ts'

/** Finds out who makes a request: a person by access token, or an appservice as one of its users. */
export class Auth {
  readonly #accounts: Accounts
  readonly #appservices = new Map<string, Appservice>()

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  add(appservice: Appservice): void {
    this.#appservices.set(appservice.registration.asToken, appservice)
  }

  appserviceOf(call: Call): Appservice | undefined {
    const token = call.token()
    return token === null ? undefined : this.#appservices.get(token)
  }

  /** Throws 401 or 403, and for devices what Synapse does. */
  requesterOf(call: Call): Requester {
    const token = call.token()
    if (token === null) throw new MatrixError(401, 'M_MISSING_TOKEN', 'Missing access token')
    const appservice = this.#appservices.get(token)
    if (appservice !== undefined) return this.#actingAs(appservice, call)
    const person = this.#accounts.byToken(token)
    if (person !== undefined) return person
    throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'Invalid access token passed.', { soft_logout: false })
  }

  #actingAs(appservice: Appservice, call: Call): Requester {
    const wanted = call.query.get('user_id')
    const deviceId = call.query.get('device_id') ?? call.query.get('org.matrix.msc3202.device_id')
    // Synapse 1.160 fails an assertion for a device without a user.
    if (wanted === null && deviceId !== null) throw internal()
    const userId = wanted ?? appservice.senderId
    if (!appservice.ownsUser(userId)) {
      throw forbidden(`Application service cannot masquerade as this user (${userId}).`)
    }
    if (userId !== appservice.senderId && !this.#accounts.has(userId)) {
      throw forbidden(`Application service has not registered this user (${userId})`)
    }
    if (deviceId !== null && this.#accounts.device(userId, deviceId) === undefined) {
      throw new MatrixError(
        400,
        'ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE',
        `Application service trying to use a device that doesn't exist ('${deviceId}' for ${userId})`,
      )
    }
    return { userId, deviceId, appservice }
  }
}
