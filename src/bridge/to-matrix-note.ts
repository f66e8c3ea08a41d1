import { remoteMessageId } from '../model/ids.ts'
import type { MatrixRoomId } from '../model/ids.ts'
import { escapeHtml } from '../matrix/html.ts'
import { toEvent } from '../matrix/to-event.ts'
import { messageOfRemote } from '../store/message.ts'
import type { StoredRemoteEvent } from './accept.ts'
import type { Verdict } from './lane.ts'
import { statusKey } from './notes.ts'
import type { BridgeNote, StatusNote } from './notes.ts'
import { hideCode, showCode } from './to-matrix-code.ts'
import { done, sendBase, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'

/** Says what the bridge itself has to say, as the bot. */
export async function deliverNote(job: Job, note: BridgeNote): Promise<Verdict> {
  const { matrix, settings } = job.deps
  switch (note.kind) {
    case 'info': {
      const html = note.html === undefined ? {} : { html: note.html }
      const made = toEvent(
        { kind: 'text', style: 'notice', body: note.text, ...html },
        note.replyTo ? { replyTo: note.replyTo } : {},
      )
      return verdictOf(job, await matrix.send({ ...sendBase(job), as: settings.bot, ...made }))
    }
    case 'invite': {
      if ((await job.deps.members.joined(job.room)).has(note.user)) return done(job)
      const outcome = await matrix.membership({
        room: job.room,
        user: note.user,
        action: 'invite',
        by: settings.bot,
      })
      return verdictOf(job, outcome)
    }
    case 'restore': {
      const lifted = await matrix.membership({ room: job.room, user: note.user, action: 'unban' })
      if (lifted.kind === 'retry') return verdictOf(job, lifted)
      const outcome = await matrix.membership({ room: job.room, user: note.user, action: 'join' })
      if (outcome.kind === 'delivered') job.deps.members.seen(job.room, note.user, 'join')
      return verdictOf(job, outcome)
    }
    case 'decline': {
      // What is remembered of a room may be older than this: whoever has come in after all stays.
      const there = await matrix.members(job.room)
      if (there.some(({ user }) => user === note.user)) return done(job)
      return verdictOf(job, await matrix.membership({ room: job.room, user: note.user, action: 'leave' }))
    }
    case 'names': {
      const outcome = await job.deps.addressBook.show(job.portal, job.room, true)
      return outcome ? verdictOf(job, outcome) : done(job)
    }
    case 'redact': {
      const { event: eventId, reason } = note
      return verdictOf(job, await matrix.redact({ ...sendBase(job), as: settings.bot, eventId, reason }))
    }
    case 'replaces':
      return deliverReplacement(job, note.room)
    case 'code':
      return showCode(job, note)
    case 'code-over':
      return hideCode(job)
    case 'status':
      return deliverStatus(job, note)
  }
}

/** Words of the bridge about the conversation, perhaps about one of its messages. */
export async function deliverInfo(
  job: Job,
  { text, html, replyTo }: Extract<StoredRemoteEvent, { kind: 'info' }>,
): Promise<Verdict> {
  const target = replyTo && (await messageOfRemote(job.deps.db, job.portal.id, replyTo))
  return deliverNote(job, {
    kind: 'info',
    text,
    ...(html !== undefined && { html }),
    ...(target && { replyTo: target.eventId }),
  })
}

/** Sends the people of a room that is given up to the one that stays. */
async function deliverReplacement(job: Job, room: MatrixRoomId): Promise<Verdict> {
  const { matrix, puppets, settings } = job.deps
  for (const { user } of await matrix.members(room)) {
    if (puppets.isOurs(user)) continue
    const invited = await matrix.membership({ room: job.room, user, action: 'invite', by: settings.bot })
    if (invited.kind === 'retry') return verdictOf(job, invited)
  }
  const content = { body: 'This conversation goes on in another room.', replacement_room: job.room }
  const tombstone = { room, as: settings.bot, type: 'm.room.tombstone', key: '', content }
  return verdictOf(job, await matrix.state(tombstone))
}

const SEND_STATUS: Record<StatusNote['state'], string> = {
  delivered: 'SUCCESS',
  rejected: 'FAIL_PERMANENT',
  unknown: 'FAIL_RETRIABLE',
  expired: 'FAIL_RETRIABLE',
}

/** One notice per delivery, as a reply to the message; when things change it is edited, so that the room shows the truth of now. */
async function deliverStatus(job: Job, note: StatusNote): Promise<Verdict> {
  const { db, matrix, settings } = job.deps
  const key = remoteMessageId(statusKey(note.delivery))
  const earlier = await messageOfRemote(db, job.portal.id, key)
  if (settings.sendStatus !== 'off') {
    const shown = await matrix.send({
      ...sendBase(job),
      part: 1,
      as: settings.bot,
      type: 'com.beeper.message_send_status',
      content: {
        'm.relates_to': { rel_type: 'm.reference', event_id: note.event },
        network: job.portal.network,
        status: SEND_STATUS[note.state],
        ...(note.state !== 'delivered' && {
          reason: 'com.beeper.network_error',
          message: note.text,
          error: note.code,
        }),
      },
    })
    if (note.quiet === true) return verdictOf(job, shown)
  }
  const { text, html } = statusWords(note, settings.commandPrefix)
  const made = toEvent(
    { kind: 'text', style: 'notice', body: text, html },
    earlier ? { edit: earlier.eventId } : { replyTo: note.event },
  )
  const outcome = await matrix.send({ ...sendBase(job), as: settings.bot, ...made })
  if (outcome.kind !== 'delivered' || earlier) return verdictOf(job, outcome)
  return verdictOf(job, outcome, {
    messages: [
      {
        portal: job.portal.id,
        remoteId: key,
        part: 0,
        eventId: outcome.eventId,
        direction: 'to_matrix',
        sender: settings.bot,
        at: job.row.at,
      },
    ],
  })
}

function statusWords(note: StatusNote, prefix: string): { text: string; html: string } {
  const retry = `${prefix} retry ${note.delivery}`
  const words: Record<StatusNote['state'], string> = {
    delivered: `✅ ${note.text}`,
    rejected: `❌ Not delivered: ${note.text}`,
    unknown: `❔ It is not known whether this arrived: ${note.text}`,
    expired: `❌ Not delivered in time: ${note.text}`,
  }
  if (note.state === 'delivered') return { text: words.delivered, html: escapeHtml(words.delivered) }
  const text = words[note.state]
  return {
    text: `${text}\nTo send it again, say: ${retry}`,
    html: `${escapeHtml(text)}<br>To send it again, say <code>${escapeHtml(retry)}</code>`,
  }
}
