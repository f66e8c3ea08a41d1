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

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** Milliseconds in the largest unit that they fill. */
export function durationWords(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? ['second', 1_000]
  const number = Math.round(ms / size)
  return number === 1 ? `1 ${unit}` : `${number} ${unit}s`
}
