import { escapeHtml, sanitize } from '../matrix/html.ts'
import { POLL_END, POLL_RESPONSE, POLL_START, readPollResponse, readPollStart } from '../matrix/poll.ts'
import { arrayAt, countAt, isMxc, objectAt, stringAt } from '../matrix/untrusted.ts'
import type { Json } from '../matrix/untrusted.ts'
import type { SimEvent } from '../../test/sim/homeserver/index.ts'
import { stateWords } from './matrix-state-words.ts'
import { excerpt } from './item.ts'
import type { Item } from './item.ts'

/** An item with the events that changed it later, so that their deliveries can be shown at it. */
export type MatrixItem = Item & { changes: { event: string; what: string }[] }

export type MatrixViewer = { user: string; nameOf: (user: string) => string }

/** The timeline of a room as a Matrix client shows it: edits applied, reactions and votes counted. */
export function matrixItems(timeline: readonly SimEvent[], viewer: MatrixViewer): MatrixItem[] {
  const items = new Map<string, MatrixItem>()
  const votes = new Map<string, Map<string, string[]>>()
  for (const event of timeline) {
    const relation = objectAt(event.content, 'm.relates_to')
    const target = relation && items.get(stringAt(relation, 'event_id') ?? '')
    switch (event.type) {
      case 'm.room.message':
      case 'm.sticker':
      case POLL_START:
        if (relation && stringAt(relation, 'rel_type') === 'm.replace') edit(target, event)
        else items.set(event.event_id, message(event, viewer, items))
        break
      case 'm.reaction':
        react(target, event, relation, viewer)
        break
      case POLL_RESPONSE:
        if (target && relation) vote(votes, target, event, viewer)
        break
      case POLL_END:
        if (target?.poll) {
          target.poll.ended = true
          change(target, event, 'end of poll', viewer)
        }
        break
      case 'm.room.redaction':
        redacted(items, event, viewer)
        break
      default: {
        const words = stateWords(event, viewer)
        if (words !== undefined)
          items.set(event.event_id, said(event, viewer, { kind: 'event', text: words }))
      }
    }
  }
  return [...items.values()]
}

function message(event: SimEvent, viewer: MatrixViewer, items: ReadonlyMap<string, MatrixItem>): MatrixItem {
  const { content } = event
  if (event.unsigned.redacted_because !== undefined) {
    return { ...said(event, viewer, { kind: 'text', text: 'Message deleted' }), redacted: true }
  }
  const poll = event.type === POLL_START ? readPollStart(content) : undefined
  const item = poll
    ? said(event, viewer, { kind: 'poll', text: poll.question })
    : said(event, viewer, wordsOf(content, event.type))
  if (poll) {
    const options = poll.options.map(({ id, text }) => ({ id, text, votes: 0, mine: false }))
    item.poll = { question: poll.question, options, voters: 0, ended: false }
  }
  const relation = objectAt(content, 'm.relates_to')
  const inReplyTo = relation && objectAt(relation, 'm.in_reply_to')
  const parent = inReplyTo && items.get(stringAt(inReplyTo, 'event_id') ?? '')
  if (parent) item.reply = { from: parent.from, text: excerpt(parent.text) }
  return item
}

type Words = Pick<Item, 'kind' | 'text'> & { html?: string; media?: Item['media'] }

function wordsOf(content: Json, eventType = 'm.room.message'): Words {
  const body = stringAt(content, 'body') ?? ''
  const formatted = stringAt(content, 'formatted_body')
  const html = formatted === undefined ? {} : { html: formatted }
  const url = content['url']
  const type = stringAt(content, 'msgtype')
  if (isMxc(url)) {
    const name = stringAt(content, 'filename') ?? body
    const caption = stringAt(content, 'filename') === undefined || name === body ? '' : body
    const media = { url: `media/${url.slice('mxc://'.length)}`, name }
    if (eventType === 'm.sticker') return { kind: 'sticker', text: '', media }
    if (objectAt(content, 'org.matrix.msc3245.voice')) {
      return { kind: 'voice', text: caption, media: { ...media, ...soundOf(content) } }
    }
    return { kind: type === 'm.image' ? 'image' : 'file', text: caption, ...(caption !== '' && html), media }
  }
  if (type === 'm.emote') return { kind: 'emote', text: body, ...html }
  return { kind: type === 'm.notice' ? 'notice' : 'text', text: body, ...html }
}

/** MSC3246 */
function soundOf(content: Json): { durationMs: number; waveform: number[] } {
  const audio = objectAt(content, 'org.matrix.msc1767.audio') ?? {}
  const info = objectAt(content, 'info') ?? {}
  const heights = arrayAt(audio, 'waveform').filter((height) => typeof height === 'number')
  return { durationMs: countAt(audio, 'duration') ?? countAt(info, 'duration') ?? 0, waveform: heights }
}

function said(event: SimEvent, viewer: MatrixViewer, words: Words): MatrixItem {
  const { kind, text, media } = words
  return {
    id: event.event_id,
    kind,
    from: viewer.nameOf(event.sender),
    mine: event.sender === viewer.user,
    at: event.origin_server_ts,
    html: htmlOf(words),
    text,
    ...(media && { media }),
    reactions: [],
    chips: [],
    raw: JSON.stringify({ type: event.type, sender: event.sender, content: event.content }, undefined, 1),
    changes: [],
  }
}

const htmlOf = ({ html, text }: Words): string =>
  html === undefined ? escapeHtml(text).replaceAll('\n', '<br>') : sanitize(html)

function change(item: MatrixItem, event: SimEvent, what: string, viewer: MatrixViewer): void {
  if (event.sender === viewer.user) item.changes.push({ event: event.event_id, what })
}

function edit(target: MatrixItem | undefined, event: SimEvent): void {
  const content = objectAt(event.content, 'm.new_content')
  if (target === undefined || target.redacted === true || content === undefined) return
  const words = wordsOf(content)
  target.html = htmlOf(words)
  target.text = words.text
  target.edited = true
  if (target.mine) target.changes.push({ event: event.event_id, what: 'edit' })
}

function react(
  target: MatrixItem | undefined,
  event: SimEvent,
  relation: Json | undefined,
  viewer: MatrixViewer,
): void {
  const key = relation && stringAt(relation, 'key')
  if (target === undefined || target.redacted === true || key === undefined) return
  const mine = event.sender === viewer.user
  change(target, event, key, viewer)
  const known = target.reactions.find((reaction) => reaction.key === key)
  if (known === undefined) {
    target.reactions.push({ key, by: [viewer.nameOf(event.sender)], mine })
  } else {
    known.by.push(viewer.nameOf(event.sender))
    known.mine ||= mine
  }
}

/** The latest vote of each counts (MSC3381). */
function vote(
  votes: Map<string, Map<string, string[]>>,
  target: MatrixItem,
  event: SimEvent,
  viewer: MatrixViewer,
): void {
  const { poll } = target
  const chosen = readPollResponse(event.content)
  if (poll === undefined || poll.ended || chosen === undefined) return
  const ballots = votes.get(target.id) ?? new Map<string, string[]>()
  votes.set(target.id, ballots.set(event.sender, chosen.slice(0, 1)))
  for (const option of poll.options) {
    option.votes = [...ballots.values()].filter((ids) => ids.includes(option.id)).length
    option.mine = ballots.get(viewer.user)?.includes(option.id) === true
  }
  poll.voters = [...ballots.values()].filter((ids) => ids.length > 0).length
  change(target, event, 'vote', viewer)
}

/** The homeserver has emptied the event itself; what is left to show is how its deletion was delivered. */
function redacted(items: ReadonlyMap<string, MatrixItem>, event: SimEvent, viewer: MatrixViewer): void {
  const target = items.get(event.redacts ?? stringAt(event.content, 'redacts') ?? '')
  if (target !== undefined) change(target, event, 'deletion', viewer)
}
