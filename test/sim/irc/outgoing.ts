import type { Tags } from './line.ts'
import { cutBytes, formatBody, formatTags } from './line.ts'

/** A line from the server, before it is known which tags its receiver may see. Shared by all receivers. */
export type Outgoing = {
  source: string
  command: string
  params: readonly string[]
  at?: Date
  msgid?: string
  account?: string
  bot?: boolean
  /** client-only tags, relayed */
  tags?: Tags
  /** the same as `BATCH` tags of a labelled answer, but set by who made the line */
  batch?: string
  concat?: boolean
  relayedBy?: string
  /** bytes of the line with CR LF, without tags */
  limit?: number
}

export type Envelope = { label?: string; batch?: string }

/** Lines by the set of capabilities that changes them: most lines go to many who get the same. */
const rendered = new WeakMap<Outgoing, Map<number, string>>()
const TAG_CAPS = ['message-tags', 'server-time', 'account-tag', 'batch', 'draft/multiline'] as const

/** The line as one receiver with these capabilities gets it, without CR LF. */
export function render(
  out: Outgoing,
  caps: ReadonlySet<string>,
  now: () => Date,
  envelope?: Envelope,
): string {
  if (envelope !== undefined || out.at === undefined)
    return compose(out, caps, out.at ?? now(), envelope ?? {})
  let key = 0
  for (const cap of TAG_CAPS) key = key * 2 + (caps.has(cap) ? 1 : 0)
  let texts = rendered.get(out)
  if (texts === undefined) rendered.set(out, (texts = new Map()))
  const text = texts.get(key) ?? compose(out, caps, out.at, {})
  texts.set(key, text)
  return text
}

function compose(out: Outgoing, caps: ReadonlySet<string>, at: Date, envelope: Envelope): string {
  const body = cutBytes(formatBody(out.source, out.command, out.params), (out.limit ?? 512) - 2)
  const tags: Tags = {}
  const batch = out.batch ?? envelope.batch
  if (envelope.label !== undefined) tags['label'] = envelope.label
  if (batch !== undefined && caps.has('batch')) tags['batch'] = batch
  if (caps.has('server-time')) tags['time'] = at.toISOString()
  if (out.account !== undefined && caps.has('account-tag')) tags['account'] = out.account
  if (out.concat === true && caps.has('draft/multiline')) tags['draft/multiline-concat'] = ''
  if (caps.has('message-tags')) {
    if (out.msgid !== undefined) tags['msgid'] = out.msgid
    if (out.bot === true) tags['bot'] = ''
    if (out.relayedBy !== undefined) tags['draft/relaymsg'] = out.relayedBy
    if (out.tags !== undefined) Object.assign(tags, out.tags)
  }
  const text = formatTags(tags)
  return text === '' ? body : `@${text} ${body}`
}
