import type { MessageContent } from '../model/content.ts'

/** The words by which people would recognise a message. */
export function wordsOf(content: MessageContent): string {
  switch (content.kind) {
    case 'text':
      return content.body
    case 'media':
      return content.caption?.body ?? content.fileName
    case 'location':
      return content.name ?? 'a location'
    case 'contact':
      return content.contacts.map((contact) => contact.name).join(', ')
    case 'poll':
      return content.question
    case 'unsupported':
      return content.text
  }
}
