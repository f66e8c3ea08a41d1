import type { SimEvent, SimHomeserver } from '../sim/homeserver/index.ts'

const ofSender = (homeserver: SimHomeserver, room: string, sender: string) =>
  homeserver.timeline(room).filter((e) => e.sender === sender && e.state_key === undefined)

const relation = ({ content }: SimEvent) =>
  content['m.relates_to'] as { rel_type?: string; event_id?: string } | undefined

/** What a person reads of somebody in a room: each event once, with its last correction. */
export function shown(homeserver: SimHomeserver, room: string, sender: string): string[] {
  const events = ofSender(homeserver, room, sender)
  const edits = new Map(
    events.filter((e) => relation(e)?.rel_type === 'm.replace').map((e) => [relation(e)?.event_id, e]),
  )
  return events
    .filter((e) => relation(e)?.rel_type !== 'm.replace' && e.type !== 'm.reaction')
    .map((e) => {
      const edit = edits.get(e.event_id)?.content['m.new_content'] as { body?: string } | undefined
      const poll = e.content['org.matrix.msc3381.poll.start'] as
        { question: { 'org.matrix.msc1767.text': string } } | undefined
      return edit?.body ?? poll?.question['org.matrix.msc1767.text'] ?? String(e.content['body'])
    })
}

/** How many reactions of somebody are in a room. */
export const reactionsBy = (homeserver: SimHomeserver, room: string, sender: string): number =>
  ofSender(homeserver, room, sender).filter(({ type }) => type === 'm.reaction').length

/** The rooms that somebody is in or invited to. */
export const roomsWith = (homeserver: SimHomeserver, user: string): string[] =>
  homeserver
    .roomIds()
    .filter((id) => [...homeserver.members(id), ...homeserver.members(id, 'invite')].includes(user))
