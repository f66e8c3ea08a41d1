import { AppServiceRegistration, Bridge, MembershipCache } from 'matrix-appservice-bridge'
import type { MatrixConfig } from './ports.ts'

/** The library would keep every membership for ever; we ask the homeserver, and tell it only who is registered. */
class RegisteredUsers extends MembershipCache {
  readonly #isRegistered: (user: string) => boolean

  constructor(isRegistered: (user: string) => boolean) {
    super()
    this.#isRegistered = isRegistered
  }

  override isUserRegistered(userId: string): boolean {
    return this.#isRegistered(userId)
  }

  override setMemberEntry(): void {}
}

/** Sets up the library so that it sends nothing by itself. Makes no request: the homeserver may be down. */
export async function createBridge(
  config: MatrixConfig,
  baseUrl: string,
  isRegistered: (user: string) => boolean,
): Promise<Bridge> {
  const quiet = { dontCheckPowerLevel: true, dontJoin: true, enablePresence: false }
  const bridge = new Bridge({
    homeserverUrl: baseUrl,
    domain: config.serverName,
    registration: AppServiceRegistration.fromObject({
      id: config.appserviceId,
      url: null,
      as_token: config.asToken,
      hs_token: config.hsToken,
      sender_localpart: config.senderLocalpart,
      namespaces: { users: [], aliases: [], rooms: [] },
    }),
    disableStores: true,
    disableContext: true,
    escapeUserIds: false,
    suppressEcho: false,
    logRequestOutcome: false,
    membershipCache: new RegisteredUsers(isRegistered),
    intentOptions: { clients: quiet, bot: quiet },
    controller: { onEvent() {}, onUserQuery: () => null },
  })
  await bridge.initialise()
  return bridge
}
