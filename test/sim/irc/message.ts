import type { Tags } from './line.ts'
import type { Part } from './multiline-batch.ts'
import type { Outgoing } from './outgoing.ts'
import type { Session } from './session.ts'

/** A PRIVMSG, NOTICE or TAGMSG that the server accepted. */
export type Message = {
  msgid: string
  at: Date
  /** `nick!user@host` */
  source: string
  nick: string
  account: string | undefined
  bot: boolean
  command: string
  /** as relayed: canonical name, with STATUSMSG prefix */
  target: string
  toChannel: boolean
  /** none for TAGMSG */
  parts: readonly Part[]
  /** client-only tags */
  tags: Tags
  relayedBy: string | undefined
}

/** The lines that bring a message to one client: one, a `draft/multiline` batch, or single lines instead of it. */
export function linesFor(message: Message, to: Session, serverName: string, limit: number): Outgoing[] {
  const { command, target, parts, tags } = message
  const [first] = parts
  if (first === undefined)
    return to.caps.has('message-tags') ? [{ ...base(message), params: [target], tags }] : []
  const once = { msgid: message.msgid, tags }
  if (parts.length === 1) return [{ ...base(message), ...once, params: [target, first.text], limit }]
  if (!to.caps.has('draft/multiline') || !to.caps.has('batch')) {
    // https://ircv3.net/specs/extensions/multiline: blank lines are left out, the msgid is on the first line only.
    return parts
      .filter((part) => part.text !== '')
      .map((part, i) => ({ ...base(message), ...(i === 0 ? once : {}), params: [target, part.text], limit }))
  }
  const batch = to.nextBatch()
  return [
    { ...base(message), ...once, command: 'BATCH', params: [`+${batch}`, 'draft/multiline', target] },
    ...parts.map((part) => ({
      source: message.source,
      at: message.at,
      command,
      params: [target, part.text],
      batch,
      concat: part.concat,
      limit,
    })),
    { source: serverName, command: 'BATCH', params: [`-${batch}`] },
  ]
}

function base(message: Message): Omit<Outgoing, 'params'> {
  const { source, command, at, bot, account, relayedBy } = message
  return {
    source,
    command,
    at,
    bot,
    ...(account === undefined ? {} : { account }),
    ...(relayedBy === undefined ? {} : { relayedBy }),
  }
}
