import type { Capabilities } from '../model/capabilities.ts'
import type { MediaContent, MessageContent, TextContent } from '../model/content.ts'
import type { RemoteAction, Target } from '../model/remote-action.ts'
import { correctionOf } from './correction.ts'
import { contactText, locationText, mediaText, pollText } from './describe-content.ts'
import { excerptOf } from './excerpt.ts'
import { withReplyPrefix } from './reply-prefix.ts'

export { excerptOf } from './excerpt.ts'

export type FallbackOptions = {
  /** What the one who acts is called on the network. */
  actorName: string
  /** An address where people of the network can get the attachment. */
  mediaLink?(media: MediaContent): string | undefined
  /** The longest quote of another message, in graphemes. */
  maxExcerpt?: number
  /** When it was done; decides whether an edit is in time and whether a reply's parent is recent. Default: now. */
  at?: Date
}

/** The action to send, with words for its sender when it changed form; or why there is nothing to send. */
export type Fallback = { action: RemoteAction; note?: string } | { drop: string }

const DEFAULT_EXCERPT = 50

/**
 * The one place where an action becomes words because the network lacks the ability. What the network can do is left as
 * it is; `drop` is shown to the sender, so that nothing is silent.
 */
export function renderFallback(action: RemoteAction, caps: Capabilities, options: FallbackOptions): Fallback {
  switch (action.kind) {
    case 'message':
      return message(action, caps, options)
    case 'edit':
      return edit(action, caps, options)
    case 'redaction': {
      if (caps.redactions === 'native') return { action }
      const reason = action.reason === undefined ? '' : ` (${excerptOf(action.reason, 100)})`
      return said(`deleted ${quoted(action.target, options)}${reason}`, caps.notes?.redactions)
    }
    case 'reaction':
      if (caps.reactions === 'native') return { action }
      return said(`reacted ${action.key} to ${quoted(action.target, options)}`, caps.notes?.reactions)
    case 'reaction-removal':
      if (caps.reactions === 'native') return { action }
      return said(
        `removed the reaction ${action.key} from ${quoted(action.target, options)}`,
        caps.notes?.reactions,
      )
    case 'poll-vote':
      if (caps.polls === 'native') return { action }
      if (action.tally === undefined)
        return { drop: 'Your vote is counted; the network is told the result only.' }
      return told(action.tally, caps.notes?.polls)
    case 'poll-end': {
      if (caps.polls === 'native') return { action }
      const tally = action.tally === undefined ? '' : `\n${action.tally}`
      return told(`The poll ${quoted(action.target, options)} has ended.${tally}`, caps.notes?.polls)
    }
    case 'membership':
      if (caps.membership) return { action }
      return { drop: `The network does not let ${options.actorName} change who is in this conversation.` }
    case 'topic':
      if (caps.topic) return { action }
      return said(action.topic === '' ? 'removed the topic' : `changed the topic to: ${action.topic}`)
    case 'name':
      if (caps.name) return { action }
      return said(action.name === '' ? 'removed the name of the room' : `renamed the room to: ${action.name}`)
    case 'avatar':
      if (caps.avatar === true) return { action }
      return said(`${action.avatar === undefined ? 'removed' : 'changed'} the picture of the room`)
    case 'pin':
      if (caps.pins === true) return { action }
      return said(`${action.pinned ? 'pinned' : 'unpinned'} ${quoted(action.target, options)}`)
    case 'settings':
      if (caps.settings === true) return { action }
      return { drop: 'The network was not told.' }
    case 'power':
      break
  }
  return caps.power ? { action } : { drop: 'The network has no permissions that could be changed like this.' }
}

/** A line about what somebody does; networks show it with their name before it. */
const said = (body: string, note?: string): Fallback => words({ kind: 'text', style: 'emote', body }, note)

const told = (body: string, note?: string): Fallback => words({ kind: 'text', style: 'text', body }, note)

function words(content: TextContent, note: string | undefined): Fallback {
  const action: RemoteAction = { kind: 'message', content }
  return note === undefined ? { action } : { action, note }
}

/** The target's beginning in quotes, or words for it when it is no longer known. */
function quoted(target: Target, options: FallbackOptions): string {
  const excerpt = excerptOf(target.excerpt ?? '', options.maxExcerpt ?? DEFAULT_EXCERPT)
  if (excerpt !== '') return `"${excerpt}"`
  if (target.own) return 'an own message'
  return target.authorName === undefined ? 'a message' : `a message of ${target.authorName}`
}

function message(
  action: RemoteAction & { kind: 'message' },
  caps: Capabilities,
  options: FallbackOptions,
): Fallback {
  const { content, note } = contentFor(action.content, caps, options)
  const parent = action.replyTo ?? action.threadRoot
  const noted = note === undefined ? {} : { note }
  if (caps.replies === 'native' || parent === undefined) return { action: { ...action, content }, ...noted }
  // A reply in words needs words to stand before, also when the attachment itself is native.
  const replied = withReplyPrefix(content, parent, {
    at: options.at ?? new Date(),
    maxExcerpt: options.maxExcerpt ?? DEFAULT_EXCERPT,
  })
  return { action: { kind: 'message', content: replied }, ...noted }
}

function edit(
  action: RemoteAction & { kind: 'edit' },
  caps: Capabilities,
  options: FallbackOptions,
): Fallback {
  const age = (options.at ?? new Date()).getTime() - action.target.at.getTime()
  const late = caps.editWindowMs !== undefined && age > caps.editWindowMs
  if (caps.edits === 'native' && !late) {
    return { action: { ...action, content: contentFor(action.content, caps, options).content } }
  }
  const note =
    caps.notes?.edits ?? (late ? 'It was too late to edit; the change was sent as a message.' : undefined)
  const { content } = contentFor(captionOf(action.content), caps, options)
  if (content.kind !== 'text') {
    const changed: RemoteAction = { kind: 'message', content }
    return note === undefined ? { action: changed } : { action: changed, note }
  }
  const before = action.previous
  if (before === content.body && content.html === undefined) {
    return { drop: 'Nothing changed that the network can show.' }
  }
  const correction = before === undefined ? undefined : correctionOf(before, content.body)
  if (correction !== undefined) return told(correction, note)
  return words({ ...content, style: 'text', ...starred(content) }, note)
}

/** An attachment itself cannot be edited; its caption is what changed. */
function captionOf(content: MessageContent): MessageContent {
  if (content.kind !== 'media' || content.caption === undefined) return content
  return { kind: 'text', style: 'text', ...content.caption }
}

function starred(content: TextContent): { body: string; html?: string } {
  const body = `* ${content.body}`
  return content.html === undefined ? { body } : { body, html: `* ${content.html}` }
}

const TOO_LARGE = 'The file is larger than the network takes: a link to it was sent.'

/** The content in the nearest form that the network has. */
function contentFor(
  content: MessageContent,
  caps: Capabilities,
  options: FallbackOptions,
): { content: MessageContent; note?: string } {
  switch (content.kind) {
    case 'text':
      return { content: caps.formatting === 'native' ? content : withoutHtml(content) }
    case 'media': {
      const most = caps.largestMediaBytes ?? Number.POSITIVE_INFINITY
      const tooLarge = (content.sizeBytes ?? 0) > most
      if (caps.media === 'native' && !tooLarge) return { content }
      const link = options.mediaLink?.(content)
      const told: TextContent = { kind: 'text', style: 'text', ...mediaText(content, link) }
      const shown = caps.formatting === 'native' ? told : withoutHtml(told)
      if (link !== undefined) return { content: shown, ...(tooLarge && { note: TOO_LARGE }) }
      return {
        content: shown,
        note: 'The network was told about the attachment, but not where to get it.',
      }
    }
    case 'location':
      return { content: caps.location === 'native' ? content : text(locationText(content)) }
    case 'contact':
      return { content: caps.contact === 'native' ? content : text(contactText(content)) }
    case 'poll':
      if (caps.polls === 'native') return { content }
      return { content: text(pollText(content)), ...(caps.notes?.polls ? { note: caps.notes.polls } : {}) }
    case 'unsupported':
      break
  }
  return { content: { kind: 'text', style: 'emote', body: content.text } }
}

const text = (body: string): TextContent => ({ kind: 'text', style: 'text', body })

function withoutHtml(content: TextContent): TextContent {
  const { html: _html, ...plain } = content
  return plain
}
