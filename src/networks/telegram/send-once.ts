import { Long } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import { sleep } from '../../model/clock.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import { retry } from '../../model/outcome.ts'
import { nameOfRefusal, refusalOf } from './rpc.ts'
import type { Refused } from './rpc.ts'
import type { Session } from './session.ts'

/** A call without an answer for this long is repeated under the same random id. */
const CALL_MS = 60_000
const REPEATS = 3
const REPEAT_MS = 500

export type SentMessage = { n: number; message?: tl.TypeMessage }

export type Once =
  | { kind: 'sent'; messages: Map<string, SentMessage>; updates: tl.TypeUpdates }
  | { kind: 'refused'; refused: Refused }
  /** Nobody knows what became of it; a repeat under the same random id is safe. */
  | { kind: 'again'; outcome: SendOutcome }

export type OnceOptions = {
  /** The conversation without its topic: what the server keeps in order. */
  chat: string
  randomIds: readonly string[]
  signal: AbortSignal
  /** Looks in the history for what nobody has named. */
  find?: () => Promise<SentMessage | undefined>
}

type Sending =
  | tl.messages.RawSendMessageRequest
  | tl.messages.RawSendMediaRequest
  | tl.messages.RawSendMultiMediaRequest
  | tl.messages.RawForwardMessagesRequest

/**
 * Makes a call that creates messages. A repeat under a random id that is known gives the first message, or, while that is
 * still being made, an error; so it is called again until there is an answer.
 */
export async function sendOnce(session: Session, request: Sending, options: OnceOptions): Promise<Once> {
  const { outgoing, host } = session
  const { chat, randomIds, signal } = options
  for (const id of randomIds) outgoing.begin(chat, id)
  let sent: Map<string, SentMessage> | undefined
  try {
    for (let repeats = 0; ; repeats++) {
      const client = session.live
      if (client === undefined) return again('The connection to Telegram was lost.', { waitsFor: 'login' })
      try {
        const updates = await client.call(request, {
          timeout: CALL_MS,
          floodSleepThreshold: 0,
          abortSignal: signal,
          chainId: chat,
        })
        sent = messagesIn(updates, randomIds)
        feed(session, updates)
        // An answer of a shape that was not expected: the update that names the number comes all the same.
        if (sent.size < randomIds.length) return numbersHeard(session, randomIds, updates)
        return { kind: 'sent', messages: sent, updates }
      } catch (error) {
        const refused = refusalOf(error)
        if (signal.aborted) return again('The bridge is stopping.')
        if (refused === undefined) return again('Telegram has not answered.', {}, session)
        if (nameOfRefusal(refused) !== 'RANDOM_ID_DUPLICATE') return refusal(refused)
        const known = knownNumbers(session, randomIds)
        if (known !== undefined) {
          sent = known
          return { kind: 'sent', messages: known, updates: { _: 'updatesTooLong' } }
        }
        if (repeats >= REPEATS) return stillUnknown(options)
        // The difference names the number under which the first attempt was taken.
        session.lookForMissed(chat)
        await Promise.race([
          sleep(host.clock, REPEAT_MS * (repeats + 1), signal),
          numberHeard(session, randomIds),
        ])
      }
    }
  } finally {
    for (const id of randomIds) outgoing.end(chat, id, sent?.get(id)?.n)
  }
}

/** The message is there, and neither the answer nor an update has said which one it is. */
async function stillUnknown({ find, randomIds: [id] }: OnceOptions): Promise<Once> {
  const found = await find?.().catch(() => undefined)
  if (found === undefined || id === undefined)
    return again('Telegram is still at work on an earlier attempt.', { afterMs: 5_000 })
  return { kind: 'sent', messages: new Map([[id, found]]), updates: { _: 'updatesTooLong' } }
}

async function numberHeard(session: Session, randomIds: readonly string[]): Promise<void> {
  while (knownNumbers(session, randomIds) === undefined && session.live !== undefined)
    await session.outgoing.changed(1_000)
}

function refusal(refused: Refused): Once {
  // The server's own trouble says nothing about what became of the call.
  if (refused.code >= 500 || refused.code < 0)
    return again(`Telegram has trouble (${refused.text}).`, { afterMs: 5_000 })
  return { kind: 'refused', refused }
}

function again(why: string, options: { afterMs?: number; waitsFor?: 'login' } = {}, session?: Session): Once {
  const lost = session !== undefined && session.live === undefined
  return { kind: 'again', outcome: retry(why, lost ? { waitsFor: 'login' } : options) }
}

/** The answer goes to the updates, so that their count has no gap; what we sent does not come back from there. */
function feed(session: Session, updates: tl.TypeUpdates): void {
  if (updates._ === 'updateShortSentMessage') session.feedPts(updates.pts, updates.ptsCount)
  else session.feed(updates)
}

function messagesIn(updates: tl.TypeUpdates, randomIds: readonly string[]): Map<string, SentMessage> {
  const found = new Map<string, SentMessage>()
  const [first] = randomIds
  if (updates._ === 'updateShortSentMessage') {
    if (first !== undefined) found.set(first, { n: updates.id })
    return found
  }
  if (updates._ !== 'updates' && updates._ !== 'updatesCombined') return found
  const messages = new Map<number, tl.TypeMessage>()
  for (const update of updates.updates) {
    if (
      update._ === 'updateNewMessage' ||
      update._ === 'updateNewChannelMessage' ||
      update._ === 'updateNewScheduledMessage'
    ) {
      messages.set(update.message.id, update.message)
    }
  }
  for (const update of updates.updates) {
    if (update._ !== 'updateMessageID') continue
    const message = messages.get(update.id)
    found.set(update.randomId.toString(), { n: update.id, ...(message && { message }) })
  }
  return found
}

function knownNumbers(session: Session, randomIds: readonly string[]): Map<string, SentMessage> | undefined {
  const known = new Map<string, SentMessage>()
  for (const id of randomIds) {
    const n = session.outgoing.numberOf(id)
    if (n !== undefined) known.set(id, { n })
  }
  return known.size === randomIds.length ? known : undefined
}

const HEARD_MS = 5_000

async function numbersHeard(
  session: Session,
  randomIds: readonly string[],
  updates: tl.TypeUpdates,
): Promise<Once> {
  const until = session.host.clock.now().getTime() + HEARD_MS
  for (;;) {
    const known = knownNumbers(session, randomIds)
    if (known !== undefined) return { kind: 'sent', messages: known, updates }
    if (session.host.clock.now().getTime() >= until)
      return again('Telegram does not say which message it was.')
    await session.outgoing.changed(500)
  }
}

export const longOf = (randomId: string): Long => Long.fromString(randomId)
