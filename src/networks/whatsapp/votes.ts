import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import { decryptPollVote, proto } from '@whiskeysockets/baileys'
import type { RemoteUserId } from '../../model/ids.ts'
import type { Vault } from './vault.ts'

const PREFIX = 'poll/'
const IV_BYTES = 12

/** What votes of a poll are encrypted with. */
export type PollSecret = { secret: Uint8Array; creators: readonly RemoteUserId[] }

/** Keeps the secret of a poll, by the network's own id of its message. @throws when it is not kept */
export function keepPoll(vault: Vault, id: string, { secret, creators }: PollSecret): Promise<void> {
  const value = JSON.stringify({ secret: Buffer.from(secret).toString('base64'), creators })
  return vault.set({ [PREFIX + id]: value })
}

/** @throws when it can't be read */
export async function pollSecret(vault: Vault, id: string): Promise<PollSecret | undefined> {
  const text = await vault.read(PREFIX + id)
  if (text === undefined) return undefined
  const { secret, creators } = JSON.parse(text) as { secret: string; creators: RemoteUserId[] }
  return { secret: Buffer.from(secret, 'base64'), creators }
}

/**
 * Opens a vote. Whether it was sealed for phone numbers or for LIDs depends on how the chat named its people at that time,
 * so all are tried. Undefined when none fits.
 */
export function openVote(
  { secret, creators }: PollSecret,
  vote: proto.Message.IPollEncValue,
  pollMsgId: string,
  voters: readonly RemoteUserId[],
): proto.Message.PollVoteMessage | undefined {
  for (const pollCreatorJid of creators) {
    for (const voterJid of voters) {
      try {
        return decryptPollVote(vote, { pollEncKey: secret, pollCreatorJid, pollMsgId, voterJid })
      } catch {
        // Another pair of addresses.
      }
    }
  }
  return undefined
}

/** A vote as WhatsApp encrypts it (the way back from `decryptPollVote` of Baileys). `options`: SHA-256 in hexadecimal. */
export function sealVote(
  secret: Uint8Array,
  options: readonly string[],
  { pollMsgId, creator, voter }: { pollMsgId: string; creator: RemoteUserId; voter: RemoteUserId },
): proto.Message.IPollEncValue {
  const selectedOptions = options.map((option) => Buffer.from(option, 'hex'))
  const vote = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish()
  const inner = createHmac('sha256', Buffer.alloc(32)).update(secret).digest()
  const use = Buffer.from(`${pollMsgId}${creator}${voter}Poll Vote\u0001`)
  const key = createHmac('sha256', inner).update(use).digest()
  const encIv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, encIv)
  cipher.setAAD(Buffer.from(`${pollMsgId}\u0000${voter}`))
  return { encIv, encPayload: Buffer.concat([cipher.update(vote), cipher.final(), cipher.getAuthTag()]) }
}
