import type { Core } from '../core.ts'
import { forbidden, notFound } from '../errors.ts'
import { reasonOf } from '../membership.ts'
import type { Room } from '../room.ts'
import type { Call, Router } from '../router.ts'
import { clientForm } from '../stored-event.ts'
import type { Content, Requester } from '../types.ts'
import { text } from '../types.ts'

/** Creating rooms, aliases and membership. */
export function roomRoutes(router: Router, core: Core): void {
  router.client('POST', '/createRoom', async (call, requester) => ({
    room_id: await core.creation.create(requester, call.optionalJson(), core.signal),
  }))
  const join = async (call: Call, requester: Requester, target: string): Promise<Content> => {
    const { signal } = core
    const roomId = target.startsWith('#') ? await core.resolveAlias(target) : target
    signal.throwIfAborted()
    core.memberships.join(requester, roomId, { content: reasonOf(call.optionalJson()) })
    return { room_id: roomId }
  }
  router.client('POST', '/join/:target', (call, requester) => join(call, requester, call.param('target')))
  router.client('POST', '/rooms/:roomId/join', (call, requester) =>
    join(call, requester, call.param('roomId')),
  )
  for (const action of ['leave', 'forget'] as const) {
    router.client('POST', `/rooms/:roomId/${action}`, (call, requester) => {
      core.memberships[action](requester, call.param('roomId'), { content: reasonOf(call.optionalJson()) })
      return {}
    })
  }
  for (const action of ['invite', 'kick', 'ban', 'unban'] as const) {
    router.client('POST', `/rooms/:roomId/${action}`, (call, requester) => {
      const body = call.json()
      const target = text(body, 'user_id') ?? ''
      core.memberships[action](requester, call.param('roomId'), target, { content: reasonOf(body) })
      return {}
    })
  }
  memberRoutes(router, core)
  directoryRoutes(router, core)
}

function memberRoutes(router: Router, core: Core): void {
  const joinedRoom = (call: Call, { userId }: Requester): Room => {
    const room = core.log.rooms.get(call.param('roomId'))
    if (room === undefined || !room.joined.has(userId)) {
      throw forbidden(`User ${userId} not in room ${call.param('roomId')}`)
    }
    return room
  }
  router.client('GET', '/joined_rooms', (_call, { userId }) => ({
    joined_rooms: [...core.log.roomsOf(userId)]
      .filter((room) => room.joined.has(userId))
      .map((room) => room.id),
  }))
  router.client('GET', '/rooms/:roomId/joined_members', (call, requester) => {
    const room = joinedRoom(call, requester)
    const members = [...room.joined].map((id) => {
      const content = room.stateContent('m.room.member', id) ?? {}
      return [
        id,
        { display_name: content['displayname'] ?? null, avatar_url: content['avatar_url'] ?? null },
      ] as const
    })
    return { joined: Object.fromEntries(members) }
  })
  router.client('GET', '/rooms/:roomId/members', (call, requester) => {
    const room = joinedRoom(call, requester)
    const [wanted, unwanted] = [call.query.get('membership'), call.query.get('not_membership')]
    const events = room.memberEvents().filter(({ content: { membership } }) => {
      return (wanted === null || membership === wanted) && membership !== unwanted
    })
    return { chunk: events.map((event) => clientForm(event, requester)) }
  })
}

function directoryRoutes(router: Router, core: Core): void {
  const path = '/directory/room/:alias'
  for (const version of ['v3', 'r0']) {
    router.open('GET', `/_matrix/client/${version}${path}`, async (call) => ({
      room_id: await core.resolveAlias(call.param('alias')),
      servers: [core.options.serverName],
    }))
  }
  router.client('PUT', path, (call, requester) => {
    const roomId = text(call.json(), 'room_id')
    if (roomId === undefined) throw notFound('Missing room_id')
    core.directory.put(call.param('alias'), roomId, requester)
    return {}
  })
  router.client('DELETE', path, (call, requester) => {
    core.directory.delete(call.param('alias'), requester)
    return {}
  })
  router.client('GET', '/rooms/:roomId/aliases', (call) => ({
    aliases: core.directory.aliasesOf(call.param('roomId')),
  }))
}
