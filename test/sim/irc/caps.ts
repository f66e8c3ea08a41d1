import type { CapChoice } from './options.ts'

/** Every capability the server knows, with the value it has in CAP LS 302. */
export const ALL_CAPS: ReadonlyMap<string, string> = new Map([
  ['account-notify', ''],
  ['account-tag', ''],
  ['away-notify', ''],
  ['batch', ''],
  ['cap-notify', ''],
  ['chghost', ''],
  ['draft/chathistory', ''],
  ['draft/event-playback', ''],
  ['draft/message-redaction', ''],
  ['draft/multiline', 'max-bytes=4096,max-lines=100'],
  ['draft/read-marker', ''],
  ['draft/relaymsg', '/'],
  ['echo-message', ''],
  ['extended-join', ''],
  ['extended-monitor', ''],
  ['invite-notify', ''],
  ['labeled-response', ''],
  ['message-tags', ''],
  ['multi-prefix', ''],
  ['sasl', 'PLAIN,EXTERNAL'],
  ['server-time', ''],
  ['setname', ''],
  ['standard-replies', ''],
  ['userhost-in-names', ''],
])

/** The offered capabilities for a choice: name to value. An unknown name is offered too, and does nothing. */
export function offeredCaps(choice: CapChoice): Map<string, string> {
  if (choice === 'all') return new Map(ALL_CAPS)
  if (choice === 'none') return new Map()
  return new Map(choice.map((entry) => splitCap(entry)))
}

function splitCap(entry: string): [string, string] {
  const equals = entry.indexOf('=')
  return equals < 0 ? [entry, ALL_CAPS.get(entry) ?? ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
}

export function formatCap(name: string, value: string, withValue: boolean): string {
  return withValue && value !== '' ? `${name}=${value}` : name
}

/** Words joined by spaces into texts of at most `max` characters; at least one text, perhaps empty. */
export function wrapWords(words: readonly string[], max: number): string[] {
  const texts: string[] = []
  let text = ''
  for (const word of words) {
    if (text !== '' && text.length + 1 + word.length > max) {
      texts.push(text)
      text = word
    } else text = text === '' ? word : `${text} ${word}`
  }
  return [...texts, text]
}

export type MultilineLimits = { maxBytes: number; maxLines: number }

/** Limits in the value of `draft/multiline`; a missing one is without limit. */
export function multilineLimits(value: string): MultilineLimits {
  const fields = new Map(value.split(',').map((field) => splitCap(field)))
  const number = (key: string) => Number(fields.get(key) || Infinity)
  return { maxBytes: number('max-bytes'), maxLines: number('max-lines') }
}
