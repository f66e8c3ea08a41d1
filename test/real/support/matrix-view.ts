/* oxlint-disable typescript/no-base-to-string -- contents of real servers, where a text is expected */
import type { MatrixClient } from '../servers/matrix-client.ts'
import type { RoomEvent } from '../servers/matrix-sync.ts'
import { View } from './view.ts'

type Json = Record<string, unknown>

/** A room as somebody on Matrix sees it since they joined. What they say themselves is left out. */
export class MatrixView extends View {
  readonly #client: MatrixClient
  readonly room: string

  constructor(client: MatrixClient, room: string) {
    super()
    this.#client = client
    this.room = room
  }

  /** The newest message of somebody with this text. */
  async event(sender: string, body: string): Promise<string> {
    const event = await this.#client.sync.waitForEvent(
      (each) => each.room_id === this.room && name(each.sender) === sender && each.content['body'] === body,
    )
    return event.event_id ?? ''
  }

  get label(): string {
    return `what ${this.#client.userId} sees`
  }

  protected lines(): string[] {
    const all = this.#events()
    const joined = all.findLastIndex((event) => isJoin(event) && event.state_key === this.#client.userId)
    return all
      .slice(joined + 1)
      .filter((event) => event.sender !== this.#client.userId)
      .flatMap((event) => this.#shown(event) ?? [])
  }

  /** State that comes back with a later sync is not shown again. */
  #events(): RoomEvent[] {
    const byId = new Map<string, RoomEvent>()
    for (const event of this.#client.sync.room(this.room)) {
      const id = event.event_id ?? ''
      if (!byId.has(id)) byId.set(id, event)
    }
    return [...byId.values()]
  }

  #shown(event: RoomEvent): string | undefined {
    const who = name(event.sender)
    const relation = (event.content['m.relates_to'] ?? {}) as Json
    switch (event.type) {
      case 'm.room.message':
        return this.#message(who, event.content, relation)
      case 'm.reaction':
        return `${who} reacts ${String(relation['key'])} to ${this.#said(relation['event_id'])}`
      case 'm.room.redaction':
        return `${who} removes ${this.#said(event.redacts ?? event.content['redacts'])}`
      case 'org.matrix.msc3381.poll.start':
        return `${who} asks ${text(event.content)}`
      case 'org.matrix.msc3381.poll.response':
        return `${who} votes ${((event.content[event.type] as Json)['answers'] as string[]).join(',')}`
      case 'org.matrix.msc3381.poll.end':
        return `${who} ends the poll`
      case 'm.room.name':
        return `${who} names the room "${String(event.content['name'])}"`
      case 'm.room.topic':
        return `${who} sets the topic "${String(event.content['topic'])}"`
      case 'm.room.member':
        return memberLine(event)
      case 'm.room.power_levels':
        return powerLine(event)
      default:
        return undefined
    }
  }

  #message(who: string, content: Json, relation: Json): string {
    if (relation['rel_type'] === 'm.replace')
      return `${who} edits ${this.#said(relation['event_id'])} to ${text(content['m.new_content'] as Json)}`
    const answered = (relation['m.in_reply_to'] as Json | undefined)?.['event_id']
    const answer = answered === undefined ? '' : `↪ ${this.#said(answered)} `
    const body = text(content)
    if (content['msgtype'] === 'm.emote') return `* ${who} ${answer}${body}`
    return content['msgtype'] === 'm.notice' ? `-${who}- ${answer}${body}` : `<${who}> ${answer}${body}`
  }

  #said(id: unknown): string {
    const event = this.#events().find((each) => each.event_id === id)
    const [first = ''] = event === undefined ? ['?'] : String(event.content['body'] ?? event.type).split('\n')
    return `"${first}"`
  }
}

/** A user by the localpart; somebody on IRC by the nick. */
const name = (user: string): string => user.replace(/^@(_irc_irc_)?/, '').replace(/:.*$/, '')

const text = (content: Json): string =>
  String(content['formatted_body'] ?? content['body'] ?? content['org.matrix.msc1767.text'] ?? '')

const isJoin = (event: RoomEvent): boolean =>
  event.type === 'm.room.member' && event.content['membership'] === 'join'

function memberLine(event: RoomEvent): string | undefined {
  const before = (event.unsigned?.['prev_content'] as Json | undefined)?.['membership']
  const after = event.content['membership']
  const whom = name(event.state_key ?? '')
  const reason = event.content['reason'] === undefined ? '' : ` (${String(event.content['reason'])})`
  if (after === before || after === 'invite') return undefined
  if (after === 'join') return `${whom} joins`
  if (after === 'ban') return `${name(event.sender)} bans ${whom}${reason}`
  if (event.sender === event.state_key) return `${whom} leaves${reason}`
  return before === 'ban'
    ? `${name(event.sender)} unbans ${whom}`
    : `${name(event.sender)} kicks ${whom}${reason}`
}

/** Whose power changed to what; levels of the room itself are not shown. */
function powerLine(event: RoomEvent): string | undefined {
  const before = ((event.unsigned?.['prev_content'] as Json | undefined)?.['users'] ?? {}) as Json
  const after = (event.content['users'] ?? {}) as Json
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((user) => (before[user] ?? 0) !== (after[user] ?? 0))
    .map((user) => `${name(user)} power ${String(after[user] ?? 0)}`)
  return changed.length === 0 ? undefined : `${name(event.sender)} gives ${changed.join(', ')}`
}
