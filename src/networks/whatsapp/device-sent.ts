import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys'

/**
 * To whom the account's own phone wrote a message, as the message itself says; undefined for any other. The stanza says it
 * too, in `recipient`, and Baileys takes only that; of a message that the phone sends again, it may name the account itself.
 */
export function destinationIn(plaintext: Uint8Array): string | undefined {
  try {
    const { deviceSentMessage } = proto.Message.decode(unpadRandomMax16(plaintext))
    return deviceSentMessage?.destinationJid || undefined
  } catch {
    // What can't be read has no destination, and is told of by whoever reads it.
    return undefined
  }
}
