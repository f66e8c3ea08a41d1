import type { WAMessage, proto } from '@whiskeysockets/baileys'
import { remoteUserId } from '../../src/model/ids.ts'
import { optionId, pollOf, votedOptions } from '../../src/networks/whatsapp/from-poll.ts'
import { openVote, sealVote } from '../../src/networks/whatsapp/votes.ts'
import type { Person } from './whatsapp.ts'

const secretOf = ({ message }: WAMessage): Uint8Array =>
  message?.messageContextInfo?.messageSecret ?? new Uint8Array()

/** What a poll asks; undefined for what is none. */
export const questionOf = (message: proto.IMessage): string | undefined => pollOf(message)?.name ?? undefined

/**
 * A vote, as an app of WhatsApp casts it: sealed for the addresses that people have in the chat. Without answers it takes
 * an earlier one back.
 */
export async function cast(
  voter: Person,
  chat: string,
  poll: WAMessage,
  creator: Person,
  answers: readonly string[],
): Promise<void> {
  const id = poll.key.id ?? ''
  const key = {
    remoteJid: chat,
    fromMe: voter === creator,
    id,
    ...(chat.endsWith('@g.us') && voter !== creator && { participant: creator.lid }),
  }
  const vote = sealVote(secretOf(poll), answers.map(optionId), {
    pollMsgId: id,
    creator: remoteUserId(creator.lid),
    voter: remoteUserId(voter.lid),
  })
  await voter.socket.relayMessage(
    chat,
    { pollUpdateMessage: { pollCreationMessageKey: key, vote, senderTimestampMs: Date.now() } },
    {},
  )
}

/** The answers of a vote that was heard, among those of the poll; undefined for what is no vote in it. */
export function votedIn(
  poll: WAMessage,
  message: proto.IMessage,
  among: readonly Person[],
): string[] | undefined {
  const { pollUpdateMessage: update } = message
  if (!update || update.pollCreationMessageKey?.id !== poll.key.id) return undefined
  const people = among.flatMap(({ lid, pn }) => [remoteUserId(lid), remoteUserId(pn)])
  const vote = openVote(
    { secret: secretOf(poll), creators: people },
    update.vote ?? {},
    poll.key.id ?? '',
    people,
  )
  if (vote === undefined) return undefined
  const names = (pollOf(poll.message ?? {})?.options ?? []).map(({ optionName }) => optionName ?? '')
  return votedOptions(vote.selectedOptions).map(
    (each) => names.find((name) => optionId(name) === each) ?? each,
  )
}
