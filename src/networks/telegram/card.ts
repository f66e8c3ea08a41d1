import { messageOf } from '../../model/errors.ts'
import type { MessageContent } from '../../model/content.ts'
import type { RemoteAction } from '../../model/remote-action.ts'
import { LARGEST_CARD_BYTES, isCard, peopleOfCard } from '../shared/vcard.ts'
import type { Session } from './session.ts'

/**
 * A file of Matrix that is the card of one person with a number becomes a contact, as Telegram shows such. Everything else
 * stays as it is: also a card with words to it, for a contact has none, and one that cannot be had, which the upload tells.
 */
export async function withCard(session: Session, action: RemoteAction): Promise<RemoteAction> {
  if (action.kind !== 'message') return action
  const content = await contactIn(session, action.content).catch((error: unknown) => {
    session.host.log.debug({ error: messageOf(error) }, 'telegram: a card was not read')
    return undefined
  })
  return content === undefined ? action : { ...action, content }
}

async function contactIn(session: Session, content: MessageContent): Promise<MessageContent | undefined> {
  if (content.kind !== 'media' || content.media !== 'file' || content.caption !== undefined) return undefined
  if (!isCard(content) || (content.sizeBytes ?? 0) > LARGEST_CARD_BYTES) return undefined
  const { stream } = await session.host.openMedia(content)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    // Leaving the loop destroys the stream.
    if (length > LARGEST_CARD_BYTES) return undefined
  }
  const [person, ...others] = peopleOfCard(Buffer.concat(chunks).toString('utf8'))
  if (person === undefined || others.length > 0 || person.phones.length === 0) return undefined
  return { kind: 'contact', contacts: [person] }
}
