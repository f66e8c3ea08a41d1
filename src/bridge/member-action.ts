import { matrixUserId } from '../model/ids.ts'
import type { MembershipChange } from '../model/remote-event.ts'
import type { MatrixAct } from '../matrix/from-event.ts'
import type { RawEvent } from '../matrix/event.ts'
import type { Plan, PlanInput } from './action.ts'
import { chatOf } from './portal-rooms.ts'
import type { Puppets } from './puppets.ts'

type MemberAct = Extract<MatrixAct, { kind: 'membership' }>

/** What a change of membership in the room means on the network. */
export async function memberAction(puppets: Puppets, input: PlanInput, act: MemberAct): Promise<Plan> {
  const user = matrixUserId(act.user)
  const person = await puppets.personBehind(user)
  const change = changeOf(act, person !== undefined && input.row.sender !== act.user)
  // People of the network enter and leave by what the network says; only what is done to them from here goes there.
  const fromHere = person
    ? change !== undefined && change !== 'join' && change !== 'leave'
    : change === 'join' || change === 'leave'
  // Where the network has nothing like it, to come into the room and to leave it is between its people and Matrix.
  const means = person !== undefined || (input.by.login !== undefined && hasMembers(input))
  if (!change || !fromHere || !means) {
    return { kind: 'settled', settlement: { change: { id: input.row.id, state: 'delivered' } } }
  }
  const action = {
    kind: 'membership' as const,
    user,
    change,
    ...(person && { remote: person.remoteId }),
    ...(act.reason !== undefined && { reason: act.reason }),
  }
  return { kind: 'send', action, meant: action }
}

const hasMembers = ({ connector, portal, by }: PlanInput): boolean =>
  connector.capabilities(chatOf(portal), by.login).membership

function changeOf(act: MemberAct, byAnother: boolean): MembershipChange | undefined {
  switch (act.membership) {
    case 'join':
      return 'join'
    case 'invite':
      return 'invite'
    case 'ban':
      return byAnother ? 'ban' : 'leave'
    case 'leave':
      if (act.previous === 'ban') return 'unban'
      return byAnother ? 'kick' : 'leave'
    case 'knock':
      return undefined
  }
}

/** The changes of power that concern people of the network. */
export async function powerAction(
  puppets: Puppets,
  input: PlanInput,
  act: Extract<MatrixAct, { kind: 'power' }>,
  event: RawEvent,
): Promise<Plan> {
  const before =
    (event.unsigned?.['prev_content'] as { users?: Record<string, unknown> } | undefined)?.users ?? {}
  const users = new Set([...Object.keys(before), ...Object.keys(act.users)])
  const changes = []
  for (const user of users) {
    const level = act.users[user] ?? act.usersDefault
    if (before[user] === level) continue
    const person = await puppets.personBehind(matrixUserId(user))
    if (person) changes.push({ remote: person.remoteId, level })
  }
  if (changes.length === 0)
    return { kind: 'settled', settlement: { change: { id: input.row.id, state: 'delivered' } } }
  const action = { kind: 'power' as const, changes }
  return { kind: 'send', action, meant: action }
}
