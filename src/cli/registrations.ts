import { createHmac } from 'node:crypto'
import type { Config, Secrets } from '../config/index.ts'
import { newDoublePuppetRegistration, newRegistration } from '../matrix/registration.ts'
import type { Registration } from '../matrix/registration.ts'

/** The registration that belongs to the configuration: always the same for the same configuration and secrets. */
export function registrationOf(config: Config, secrets: Pick<Secrets, 'asToken' | 'hsToken'>): Registration {
  const { appservice, homeserver } = config
  const { asToken, hsToken } = secrets
  const fresh = newRegistration({
    id: appservice.id,
    url: appservice.publicUrl,
    serverName: homeserver.serverName,
    botLocalpart: appservice.botLocalpart,
    userPrefix: appservice.userPrefix,
  })
  return { ...fresh, asToken, hsToken, senderLocalpart: appservice.senderLocalpart }
}

/** The registration that acts for people. Nothing is ever sent to it, so its hs_token only has to stay the same. */
export function doublePuppetRegistrationOf(config: Config, asToken: string): Registration {
  const id = config.appservice.doublePuppetId
  const fresh = newDoublePuppetRegistration({ id, serverName: config.homeserver.serverName })
  const hsToken = createHmac('sha256', asToken).update('hs_token').digest('hex')
  return { ...fresh, asToken, hsToken, senderLocalpart: `_${id.toLowerCase()}` }
}

/** The line with which Synapse reads registrations. */
export const homeserverLines = (paths: readonly string[]): string =>
  `app_service_config_files: [${paths.map((path) => JSON.stringify(path)).join(', ')}]`
