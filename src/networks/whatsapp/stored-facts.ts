import type { WAMessage } from '@whiskeysockets/baileys'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import type { Stored } from './from-basis.ts'
import { parseMessageId, toUserId } from './ids.ts'
import { idsOf } from './names.ts'
import { unwrap } from './unwrap.ts'
import type { Values } from './vault.ts'
import { openVote, pollSecret } from './votes.ts'
import { wantedFor } from './wanted.ts'

const REACTION = 'reaction/'

/** What a reaction took the place of, by the message that said so: read again, it takes the place of the same. */
type KeptReaction = { id: string; before: string; now: string }

/** What a message cannot be read without; and what is to be kept of it, when it is read. */
export async function storedFor(
  message: WAMessage,
  deps: Pick<ConnectionDeps, 'host' | 'view' | 'sent'>,
  { vault, reader }: Connection,
): Promise<{ stored: Stored; keep: Values }> {
  const { view, host } = deps
  const { reaction, poll, quoted } = wantedFor(message, view)
  const id = message.key.id ?? ''
  if (reaction !== undefined) {
    const key = `${REACTION}${reaction.chat}/${reaction.target}/${reaction.by}`
    const text = await vault.read(key)
    const kept = text === undefined ? undefined : (JSON.parse(text) as KeptReaction)
    const before = (kept?.id === id ? kept.before : kept?.now) ?? ''
    const now: KeptReaction = { id, before, now: reaction.becomes }
    return { stored: { reaction: before }, keep: { [key]: JSON.stringify(now) } }
  }
  const sealed = message.message && unwrap(message.message).content.pollUpdateMessage?.vote
  if (poll !== undefined && sealed && poll.key.id) {
    const secret = await pollSecret(vault, poll.key.id)
    const { fromMe, participant, remoteJid } = message.key
    const voter =
      fromMe === true ? view.self.phone : (toUserId(participant ?? '') ?? toUserId(remoteJid ?? ''))
    const voters = voter === undefined ? [] : idsOf(view, voter)
    const creators = secret?.creators.flatMap((each) => idsOf(view, each)) ?? []
    const vote = secret && openVote({ ...secret, creators }, sealed, poll.key.id, voters)
    return { stored: vote === undefined ? {} : { vote: vote.selectedOptions ?? [] }, keep: {} }
  }
  if (quoted !== undefined) {
    // The answer to a message may be here before its sender knows that it was taken.
    const isOurs = quoted.ids.some((each) => deps.sent.has(parseMessageId(each)?.id ?? ''))
    const isTold = quoted.ids.some((each) => reader.hasTold(quoted.chat, each))
    if (isOurs || isTold) return { stored: { quotedKnown: true }, keep: {} }
    const known = await host.known(remoteChat(view, quoted.chat), quoted.ids)
    return { stored: { quotedKnown: known.size > 0 }, keep: {} }
  }
  return { stored: {}, keep: {} }
}

export const asBackfilled = (event: RemoteEvent): RemoteEvent => ({ ...event, backfilled: true })
