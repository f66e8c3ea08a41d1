import type { Config, Secrets } from '../../config/index.ts'
import { serverOf } from '../../model/ids.ts'
import type { ClientApi } from './client-api.ts'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const V3 = '/_matrix/client/v3'
const SKEW_MS = 60_000
const ADD_LINE =
  "add the registration's path to app_service_config_files of homeserver.yaml and restart the homeserver"
const WRITE_AGAIN = 'viaduct registration --write, then restart the homeserver'

/** The homeserver: that it answers, and has a clock like ours. */
export async function checkHomeserver(
  config: Config,
  api: ClientApi,
  now: Date = new Date(),
): Promise<Finding[]> {
  const { url } = config.homeserver
  const answer = await api.ask('/_matrix/client/versions')
  if (answer.status === 0) {
    return [fault('homeserver', `${url}: ${answer.error}`, 'start the homeserver, or mend homeserver.url')]
  }
  const { versions } = answer.body
  if (answer.status !== 200 || !Array.isArray(versions)) {
    return [fault('homeserver', `${url} is not a Matrix homeserver: ${answer.error}`, 'mend homeserver.url')]
  }
  const found = [ok('homeserver', `${url} answers, up to ${String(versions.at(-1))}`)]
  const skewMs = answer.date === undefined ? 0 : answer.date.getTime() - now.getTime()
  if (Math.abs(skewMs) <= SKEW_MS) found.push(ok('clock', 'agrees with the homeserver'))
  else {
    const text = `differs from the homeserver's by ${Math.round(Math.abs(skewMs) / 1000)} s`
    found.push(warning('clock', text, 'set both by NTP: times of messages will be wrong'))
  }
  return found
}

/** The registration in the homeserver: that it knows our token, our name, and whom we act for. */
export async function checkIdentity(config: Config, secrets: Secrets, api: ClientApi): Promise<Finding[]> {
  const { serverName } = config.homeserver
  const token = secrets.asToken
  const sender = await api.ask(`${V3}/account/whoami`, { token })
  const user = sender.body['user_id']
  if (sender.errcode === 'M_UNKNOWN_TOKEN' || sender.status === 401) {
    return [fault('as_token', 'the homeserver does not know it', ADD_LINE)]
  }
  if (sender.status !== 200 || typeof user !== 'string') {
    return [fault('as_token', `the homeserver refuses it: ${sender.error}`, ADD_LINE)]
  }
  const found = [ok('as_token', 'the homeserver knows it')]
  if (serverOf(user) !== serverName) {
    const text = `the homeserver is ${serverOf(user)}, the configuration says ${serverName}`
    return [
      ...found,
      fault('server_name', text, 'mend homeserver.server_name and write the registration again'),
    ]
  }
  found.push(ok('server_name', serverName))
  if (user !== `@${config.appservice.senderLocalpart}:${serverName}`) {
    const text = `the homeserver has another sender_localpart: ${user}`
    found.push(fault('registration', text, `${WRITE_AGAIN}; or set appservice.sender_localpart to it`))
  }
  return [...found, ...(await checkBot(config, token, api)), ...(await checkGhosts(config, token, api))]
}

async function checkBot(config: Config, token: string, api: ClientApi): Promise<Finding[]> {
  const { botLocalpart } = config.appservice
  const bot = `@${botLocalpart}:${config.homeserver.serverName}`
  // inhibit_login: homeservers with delegated login give appservices no tokens (MSC4190).
  const body = { type: 'm.login.application_service', username: botLocalpart, inhibit_login: true }
  const made = await api.ask(`${V3}/register`, { method: 'POST', token, body })
  if (made.status !== 200 && made.errcode !== 'M_USER_IN_USE') {
    const mend = made.errcode === 'M_EXCLUSIVE' ? WRITE_AGAIN : undefined
    return [fault('bot', `${bot} cannot be registered: ${made.error}`, mend)]
  }
  const who = await api.ask(`${V3}/account/whoami`, { token, user: bot })
  if (who.status !== 200) return [fault('bot', `${bot} cannot be used: ${who.error}`, WRITE_AGAIN)]
  return [
    ok('bot', made.status === 200 ? `${bot} is registered now` : bot),
    ...(await checkMedia(config, token, bot, api)),
  ]
}

/** A ghost that nobody has: refused because it is not registered, and not because it is none of ours. */
async function checkGhosts(config: Config, token: string, api: ClientApi): Promise<Finding[]> {
  const { userPrefix } = config.appservice
  const user = `@${userPrefix}irc_viaduct_doctor:${config.homeserver.serverName}`
  const answer = await api.ask(`${V3}/account/whoami`, { token, user })
  if (/masquerade|namespace/i.test(answer.error)) {
    const text = `the homeserver does not let the bridge act as ${userPrefix}irc_…: ${answer.error}`
    return [fault('namespaces', text, WRITE_AGAIN)]
  }
  return [ok('namespaces', `ghosts are ${userPrefix}irc_…`)]
}

async function checkMedia(config: Config, token: string, bot: string, api: ClientApi): Promise<Finding[]> {
  const answer = await api.ask('/_matrix/media/v3/upload', {
    method: 'POST',
    token,
    user: bot,
    body: 'viaduct doctor',
    contentType: 'text/plain',
  })
  if (answer.status !== 200)
    return [fault('media', `upload failed: ${answer.error}`, 'see the log of the homeserver')]
  const limits = await api.ask('/_matrix/client/v1/media/config', { token, user: bot })
  const limit = limits.body['m.upload.size']
  if (typeof limit === 'number' && limit < config.homeserver.mediaLimitBytes) {
    const text = `upload works, up to ${Math.floor(limit / 1_000_000)} MB only`
    return [
      warning('media', text, 'raise max_upload_size of the homeserver, or lower homeserver.media_limit'),
    ]
  }
  return [ok('media', 'upload works')]
}
