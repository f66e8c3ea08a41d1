import type { BinaryNode, proto } from '@whiskeysockets/baileys'
import { sleep } from '../../model/clock.ts'
import type { Clock } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { Connection } from './connection.ts'
import { refusalOf } from './ending.ts'
import { ackVerdict } from './errors.ts'
import type { Verdict } from './errors.ts'
import { isGroup } from './ids.ts'

/** An acknowledgement that has not come by now is asked for by sending the same again. */
const ACK_MS = 60_000

/** What became of a stanza. `lost`: nobody knows, and the connection is not there to ask. */
export type Sent = Verdict | { kind: 'lost' }

export type Stanza = {
  jid: string
  id: string
  message: proto.IMessage
  attributes?: Record<string, string>
  nodes?: BinaryNode[]
}

/**
 * Sends one stanza and waits until the server has it. `done`: it has, or its receivers do. `freshDevices`: who is in the
 * chat with which devices is asked for anew.
 */
export async function sendOnce(
  connection: Connection,
  { jid, id, message, attributes, nodes }: Stanza,
  options: { clock: Clock; signal: AbortSignal; freshDevices: boolean },
): Promise<Sent> {
  const { baileys } = connection
  const heard = answerTo(connection, id)
  try {
    if (isGroup(jid)) await getAcquainted(connection, jid)
    await baileys.relayMessage(jid, message, {
      messageId: id,
      useUserDevicesCache: !options.freshDevices,
      ...(attributes && { additionalAttributes: attributes }),
      ...(nodes && { additionalNodes: nodes }),
    })
    const late = sleep(options.clock, ACK_MS, options.signal).then((): Verdict => ({
      kind: 'unknown',
      why: 'WhatsApp has not acknowledged the message.',
    }))
    return await Promise.race([heard.verdict, late])
  } catch (error) {
    if (!baileys.ws.isOpen) return LOST
    const status = refusalOf(error)
    // What the server refuses is refused before the message has left.
    if (status !== undefined && status >= 400 && status !== 428 && status !== 408) return ackVerdict(status)
    return { kind: 'unknown', why: `The message could not be sent: ${messageOf(error)}` }
  } finally {
    heard.stop()
  }
}

/**
 * Sessions with all devices of a group that have none are made before anything else, a few at a time: while it makes a
 * message Baileys lets nothing else of the account in, and for the first message to a big group that would be seconds.
 */
async function getAcquainted({ baileys, groups, acquainted }: Connection, jid: string): Promise<void> {
  const group = groups.metadata(jid)
  if (group === undefined || acquainted.has(jid)) return
  const members = group.participants.map(({ id }) => id)
  const devices = await baileys.getUSyncDevices(members, true, false)
  const jids = devices.map((device) => device.jid)
  for (let at = 0; at < jids.length; at += MET_AT_ONCE) {
    const some = jids.slice(at, at + MET_AT_ONCE)
    // Else a message to one of them could make another session with them in the meantime.
    await baileys.authState.keys.transaction(() => baileys.assertSessions(some), 'acquaintance')
  }
  acquainted.add(jid)
}

/** About 10 ms each, and an answer of the server for all of them. */
const MET_AT_ONCE = 16

const LOST: Sent = { kind: 'lost' }

/** What the server answers to a stanza. A receipt of a receiver is an answer too, and may come first. */
function answerTo(
  { baileys: { ws }, signal }: Connection,
  id: string,
): { verdict: Promise<Sent>; stop(): void } {
  const tag = `TAG:${id}`
  let stop: () => void = () => undefined
  const verdict = new Promise<Sent>((resolve) => {
    const onAnswer = (answer: BinaryNode) => {
      const { error } = answer.attrs
      if (answer.tag === 'ack' && error !== undefined) resolve(ackVerdict(error))
      else if (answer.tag === 'ack' || answer.tag === 'receipt') resolve({ kind: 'done' })
    }
    const onLost = () => resolve(LOST)
    ws.on(tag, onAnswer)
    signal.addEventListener('abort', onLost)
    stop = () => {
      ws.off(tag, onAnswer)
      signal.removeEventListener('abort', onLost)
    }
  })
  return { verdict, stop }
}
