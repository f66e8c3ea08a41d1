import { Readable } from 'node:stream'
import { remoteMessageId } from '../model/ids.ts'
import { toEvent } from '../matrix/to-event.ts'
import type { NewEvent } from '../matrix/to-event.ts'
import { forgetMessages, messagesOfRemote } from '../store/message.ts'
import { fromJsonBytes } from '../store/text.ts'
import type { Verdict } from './lane.ts'
import { done, sendBase, verdictOf } from './matrix-job.ts'
import type { Job } from './matrix-job.ts'
import type { BridgeNote, CodeNote } from './notes.ts'
import { qrImage } from './qr-image.ts'

/** The one message of a room that shows the code of a login. */
const CODE = remoteMessageId('login-code')

/** Shows the code, in place of an earlier one. It is a secret, so the ledger does not keep it. */
export async function showCode(job: Job, note: CodeNote): Promise<Verdict> {
  const { next } = job.attempt
  if (next?.kind === 'info' && isCode(next.body)) return forgotten(done(job))
  const { db, matrix, settings } = job.deps
  const earlier = await messagesOfRemote(db, job.portal.id, CODE)
  const first = earlier[0]
  const made = await eventOf(job, note, first ? { edit: first.eventId } : {})
  const outcome = await matrix.send({ ...sendBase(job), as: settings.bot, ...made })
  if (outcome.kind !== 'delivered') return verdictOf(job, outcome)
  const row = { part: earlier.length, eventId: outcome.eventId, sender: settings.bot, at: job.row.at }
  const message = { portal: job.portal.id, remoteId: CODE, direction: 'to_matrix' as const, ...row }
  return forgotten(verdictOf(job, outcome, { messages: [message] }))
}

/** The code is of no use any more: it and all that it replaced leave the room. */
export async function hideCode(job: Job): Promise<Verdict> {
  const { db, matrix, settings } = job.deps
  const shown = await messagesOfRemote(db, job.portal.id, CODE)
  for (const [i, { eventId }] of shown.entries()) {
    const reason = 'the login is over'
    const outcome = await matrix.redact({ ...sendBase(job), part: i, as: settings.bot, eventId, reason })
    if (outcome.kind === 'retry') return verdictOf(job, outcome)
  }
  return done(job, { apply: (tx) => forgetMessages(tx, job.portal.id, CODE) })
}

async function eventOf(job: Job, note: CodeNote, options: Parameters<typeof toEvent>[1]): Promise<NewEvent> {
  if (note.as === 'code') {
    return toEvent({ kind: 'text', style: 'notice', body: `${note.text}\n${note.data}` }, options)
  }
  const { matrix } = job.deps
  const { png, size } = qrImage(note.data)
  const file = { fileName: 'code.png', mimeType: 'image/png', sizeBytes: png.length }
  const uploaded = await matrix.upload({
    as: job.deps.settings.bot,
    stream: Readable.from([png]),
    contentType: file.mimeType,
    fileName: file.fileName,
    sizeBytes: file.sizeBytes,
    key: `delivery/${job.row.id}`,
  })
  return toEvent(
    {
      kind: 'media',
      media: 'image',
      ...file,
      width: size,
      height: size,
      caption: { body: note.text },
      source: { at: 'matrix', mxc: uploaded },
    },
    options,
  )
}

function isCode(body: Buffer): boolean {
  const stored = fromJsonBytes(body) as { bridge?: BridgeNote }
  return stored.bridge?.kind === 'code'
}

function forgotten(verdict: Verdict): Verdict {
  if (verdict.kind !== 'end') return verdict
  const { settlement } = verdict
  return { ...verdict, settlement: { ...settlement, change: { ...settlement.change, clearBody: true } } }
}
