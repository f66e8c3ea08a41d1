import type { Auth } from '../auth.ts'
import type { Core } from '../core.ts'
import { exclusive, forbidden, MatrixError, notFound, unrecognized } from '../errors.ts'
import type { Call, Router } from '../router.ts'
import { Reply } from '../router.ts'
import type { Content, Requester } from '../types.ts'
import { isContent, text } from '../types.ts'

/** Registration, login, devices. */
export function accountRoutes(router: Router, core: Core, auth: Auth): void {
  const { accounts } = core
  for (const version of ['v3', 'r0']) {
    const base = `/_matrix/client/${version}`
    router.open('POST', `${base}/register`, (call) => register(call, core, auth))
    router.open('GET', `${base}/login`, () => {
      if (core.options.mas) throw unrecognized()
      return { flows: [{ type: 'm.login.password' }, { type: 'm.login.application_service' }] }
    })
    router.open('POST', `${base}/login`, (call) => login(call, core, auth))
  }
  router.client('POST', '/logout', (_call, { userId, deviceId }) => {
    if (deviceId !== null) accounts.deleteDevice(userId, deviceId)
    return {}
  })
  router.client('GET', '/account/whoami', (_call, { userId, deviceId }) => ({
    user_id: userId,
    is_guest: false,
    ...(deviceId === null ? {} : { device_id: deviceId }),
  }))
  deviceRoutes(router, core)
}

function deviceRoutes(router: Router, core: Core): void {
  const { accounts } = core
  const view = (requester: Requester, deviceId: string): Content => {
    const device = accounts.device(requester.userId, deviceId)
    if (device === undefined) throw notFound('No device found')
    const { displayName } = device
    return { device_id: deviceId, ...(displayName === undefined ? {} : { display_name: displayName }) }
  }
  router.client('GET', '/devices', (_call, requester) => ({
    devices: accounts.devices(requester.userId).map((id) => view(requester, id)),
  }))
  router.client('GET', '/devices/:deviceId', (call, requester) => view(requester, call.param('deviceId')))
  router.client('PUT', '/devices/:deviceId', (call, requester) => {
    const deviceId = call.param('deviceId')
    // Only appservices create devices this way (spec v1.17, MSC4190).
    if (requester.appservice === null) view(requester, deviceId)
    const isNew = accounts.putDevice(requester.userId, deviceId, text(call.optionalJson(), 'display_name'))
    return new Reply(isNew ? 201 : 200, {})
  })
  // People need no second authentication here, unlike in a real homeserver.
  router.client('DELETE', '/devices/:deviceId', (call, { userId }) => {
    accounts.deleteDevice(userId, call.param('deviceId'))
    return {}
  })
  router.open('POST', '/_synapse/mas/sync_devices', (call) => {
    const body = call.json()
    const userId = accounts.userId(text(body, 'localpart') ?? '')
    const kept = Array.isArray(body['devices']) ? body['devices'] : []
    for (const id of accounts.devices(userId)) if (!kept.includes(id)) accounts.deleteDevice(userId, id)
    return {}
  })
}

function register(call: Call, core: Core, auth: Auth): unknown {
  const body = call.optionalJson()
  const appservice = auth.appserviceOf(call)
  const localpart = text(body, 'username')
  const inhibitsLogin = body['inhibit_login'] === true
  if (appservice === undefined && body['type'] === 'm.login.application_service') {
    throw new MatrixError(401, 'M_MISSING_TOKEN', 'Missing access token')
  }
  if (appservice !== undefined) {
    if (core.options.mas && !inhibitsLogin) {
      const errcode = 'IO.ELEMENT.MSC4190.M_APPSERVICE_LOGIN_UNSUPPORTED'
      throw new MatrixError(400, errcode, 'Appservice login is not supported with delegated authentication')
    }
    if (localpart === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', 'Missing username')
    if (!appservice.ownsUser(core.accounts.userId(localpart))) {
      throw exclusive('Invalid user localpart for this application service.')
    }
    return registered(core, core.accounts.register(localpart, null), inhibitsLogin, body)
  }
  if (core.options.mas) throw unrecognized()
  const stage = isContent(body['auth']) ? body['auth']['type'] : undefined
  if (stage !== 'm.login.dummy') {
    return new Reply(401, { session: 'sim', flows: [{ stages: ['m.login.dummy'] }], params: {} })
  }
  const name = localpart ?? `user${core.log.nextPosition()}`
  return registered(core, registerPerson(core, name, text(body, 'password') ?? null), inhibitsLogin, body)
}

/** Registers a person. Throws M_EXCLUSIVE for names that belong to an appservice. */
export function registerPerson(core: Core, localpart: string, password: string | null): string {
  const userId = core.accounts.userId(localpart)
  const taken = core.scheduler.appservices().some((one) => one.exclusive && one.ownsUser(userId))
  if (taken) throw exclusive('This user ID is reserved by an application service.')
  return core.accounts.register(localpart, password)
}

function registered(core: Core, userId: string, inhibitsLogin: boolean, body: Content): Content {
  const answer = { user_id: userId, home_server: core.options.serverName }
  return inhibitsLogin ? answer : { ...answer, ...session(core, userId, body) }
}

function login(call: Call, core: Core, auth: Auth): unknown {
  if (core.options.mas) throw unrecognized()
  const body = call.json()
  const identifier = isContent(body['identifier']) ? body['identifier'] : body
  const name = text(identifier, 'user') ?? ''
  const userId = name.startsWith('@') ? name : core.accounts.userId(name)
  if (body['type'] === 'm.login.application_service') {
    const appservice = auth.appserviceOf(call)
    if (appservice?.ownsUser(userId) !== true) throw forbidden('Invalid login')
  } else if (!core.accounts.passwordMatches(userId, text(body, 'password') ?? '')) {
    throw forbidden('Invalid username or password')
  }
  return { user_id: userId, home_server: core.options.serverName, ...session(core, userId, body) }
}

function session(core: Core, userId: string, body: Content): Content {
  const { accessToken, deviceId } = core.accounts.login(userId, text(body, 'device_id'))
  return { access_token: accessToken, device_id: deviceId }
}
