import type { BaileysEventMap, WAMessage } from '@whiskeysockets/baileys'
import type { WhatsAppConfig } from './config.ts'
import { numberOf } from './numbers.ts'

type History = Pick<BaileysEventMap['messaging-history.set'], 'messages'>

/** What is taken in of the past: the newest conversations, the newest messages of each, oldest first. */
export function selectHistory(
  { messages }: History,
  { chats: mostChats, messages: mostMessages }: WhatsAppConfig['backfill'],
): WAMessage[] {
  const chats = new Map<string, WAMessage[]>()
  for (const message of messages.toSorted((a, b) => timeOf(b) - timeOf(a))) {
    const jid = message.key.remoteJid
    if (!jid) continue
    const known = chats.get(jid) ?? []
    if (known.length < mostMessages) known.push(message)
    if (known.length === 1) chats.set(jid, known)
  }
  // They were met newest first.
  const chosen = [...chats.values()].slice(0, mostChats)
  return chosen.flat().toSorted((a, b) => timeOf(a) - timeOf(b))
}

const timeOf = ({ messageTimestamp }: WAMessage) => numberOf(messageTimestamp) ?? 0
