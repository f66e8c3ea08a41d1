import { stringAt } from '../matrix/untrusted.ts'
import type { SimEvent } from '../../test/sim/homeserver/index.ts'
import type { MatrixViewer } from './matrix-view.ts'

/** A change of a room in words, or nothing for what clients do not show. */
export function stateWords(event: SimEvent, { nameOf }: MatrixViewer): string | undefined {
  const { content, state_key: key } = event
  if (key === undefined) return undefined
  switch (event.type) {
    case 'm.room.member':
      return memberWords(event, key, nameOf)
    case 'm.room.topic':
      return `${nameOf(event.sender)} set the topic: ${stringAt(content, 'topic') ?? ''}`
    default:
      return undefined
  }
}

function memberWords(
  { content, sender, unsigned }: SimEvent,
  user: string,
  nameOf: MatrixViewer['nameOf'],
): string | undefined {
  const before =
    unsigned.prev_content === undefined ? undefined : stringAt(unsigned.prev_content, 'membership')
  const now = stringAt(content, 'membership')
  if (before === now) return undefined
  switch (now) {
    case 'join':
      return `${nameOf(user)} joined`
    case 'leave':
      return sender === user ? `${nameOf(user)} left` : `${nameOf(sender)} removed ${nameOf(user)}`
    case 'ban':
      return `${nameOf(sender)} banned ${nameOf(user)}`
    default:
      return undefined
  }
}
