import type { Core } from '../core.ts'
import { forbidden, notFound } from '../errors.ts'
import type { Router } from '../router.ts'
import type { Content, Requester } from '../types.ts'
import { isContent } from '../types.ts'

/** Profiles, account data, tags and filters. */
export function profileRoutes(router: Router, core: Core): void {
  const { accounts } = core
  const profile = (userId: string): Content => {
    if (!accounts.has(userId)) throw notFound('User not found')
    return accounts.profile(userId)
  }
  for (const version of ['v3', 'r0']) {
    const base = `/_matrix/client/${version}/profile/:userId`
    router.open('GET', base, (call) => profile(call.param('userId')))
    router.open('GET', `${base}/:field`, (call) => {
      const value = profile(call.param('userId'))[call.param('field')]
      if (value === undefined) throw notFound('Profile field not found')
      return { [call.param('field')]: value }
    })
  }
  const change = (requester: Requester, userId: string, field: string, value: unknown): Content => {
    if (userId !== requester.userId) throw forbidden("Cannot set another user's profile")
    accounts.setProfile(userId, field, value)
    if (field === 'displayname' || field === 'avatar_url') core.memberships.spreadProfile(userId)
    return {}
  }
  router.client('PUT', '/profile/:userId/:field', (call, requester) => {
    const field = call.param('field')
    return change(requester, call.param('userId'), field, call.json()[field])
  })
  router.client('DELETE', '/profile/:userId/:field', (call, requester) =>
    change(requester, call.param('userId'), call.param('field'), null),
  )
  accountDataRoutes(router, core)
  pushRules(router, core)
}

function accountDataRoutes(router: Router, core: Core): void {
  const { accountData } = core
  const get = (requester: Requester, userId: string, roomId: string, type: string): Content => {
    assertOwn(requester, userId)
    const content = accountData.get(userId, roomId, type)
    if (content === undefined) throw notFound('Account data not found')
    return content
  }
  for (const room of ['', '/rooms/:roomId']) {
    const roomId = (call: { param: (name: string) => string }): string =>
      room === '' ? '' : call.param('roomId')
    const path = `/user/:userId${room}/account_data/:type`
    router.client('GET', path, (call, requester) =>
      get(requester, call.param('userId'), roomId(call), call.param('type')),
    )
    router.client('PUT', path, (call, requester) => {
      assertOwn(requester, call.param('userId'))
      accountData.set(requester.userId, roomId(call), call.param('type'), call.json())
      return {}
    })
  }
  const tags = (userId: string, roomId: string): Content => {
    const content = accountData.get(userId, roomId, 'm.tag')?.['tags']
    return isContent(content) ? content : {}
  }
  const tagPath = '/user/:userId/rooms/:roomId/tags'
  router.client('GET', tagPath, (call) => ({ tags: tags(call.param('userId'), call.param('roomId')) }))
  const setTag = (
    requester: Requester,
    userId: string,
    roomId: string,
    tag: string,
    value: unknown,
  ): Content => {
    assertOwn(requester, userId)
    const { [tag]: _old, ...rest } = tags(userId, roomId)
    accountData.set(userId, roomId, 'm.tag', { tags: value === undefined ? rest : { ...rest, [tag]: value } })
    return {}
  }
  router.client('PUT', `${tagPath}/:tag`, (call, requester) =>
    setTag(requester, call.param('userId'), call.param('roomId'), call.param('tag'), call.optionalJson()),
  )
  router.client('DELETE', `${tagPath}/:tag`, (call, requester) =>
    setTag(requester, call.param('userId'), call.param('roomId'), call.param('tag'), undefined),
  )
}

/** Push rules of rooms, kept with the account data under a name of ours. */
function pushRules(router: Router, core: Core): void {
  const change = (requester: Requester, roomId: string, rule: Content | undefined): Content => {
    core.accountData.set(requester.userId, roomId, 'sim.push_rule', rule ?? {})
    return {}
  }
  const path = '/pushrules/global/room/:roomId'
  router.client('PUT', path, (call, requester) => change(requester, call.param('roomId'), call.json()))
  router.client('DELETE', path, (call, requester) => change(requester, call.param('roomId'), undefined))
}

function assertOwn(requester: Requester, userId: string): void {
  if (userId !== requester.userId) throw forbidden("Cannot touch another user's account data")
}
