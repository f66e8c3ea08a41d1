/** Somebody on a card. `vcard` is their part of the text. */
export type CardPerson = { name: string; phones: string[]; vcard: string }

/** Larger ones hold pictures and whole address books. */
export const LARGEST_CARD_BYTES = 64 * 1024

const CARD_TYPES = new Set(['text/vcard', 'text/x-vcard', 'text/directory'])
const MOST_PHONES = 20
const LONGEST_NAME = 200

/** Whether a file is one by its type, or by its name where the type says nothing. */
export const isCard = ({ mimeType = '', fileName }: { mimeType?: string; fileName: string }): boolean =>
  CARD_TYPES.has(mimeType) ||
  (/\.(?:vcf|vcard)$/i.test(fileName) && /^(?:|application\/octet-stream|text\/plain)$/.test(mimeType))

/**
 * The people of a vCard file, of any version (RFC 6350; RFC 2426 and vCard 2.1 before it). Total: whatever is none gives
 * nobody.
 */
export function peopleOfCard(text: string): CardPerson[] {
  const found = text.replace(/\r\n?/g, '\n').match(/^BEGIN:VCARD\n[^]*?^END:VCARD[ \t]*$/gim) ?? []
  return found.map((vcard) => {
    const lines = unfolded(vcard)
    const valuesOf = (property: string) =>
      lines.flatMap((line) => (line.property === property && line.value !== '' ? [line.value] : []))
    const phones = [...new Set(valuesOf('TEL').map(phoneOf))].filter((phone) => /\d{3}/.test(phone))
    const [named] = valuesOf('FN')
    const [parts] = valuesOf('N')
    const name = clean(named ?? nameOf(parts ?? '')) || clean(valuesOf('ORG')[0] ?? '')
    return { name: name === '' ? (phones[0] ?? '') : name, phones: phones.slice(0, MOST_PHONES), vcard }
  })
}

type Line = { property: string; value: string }

/** Lines that go on after a break are put together, and read. */
function unfolded(card: string): Line[] {
  const whole = card.replace(/=\n(?=[^\n]*)/g, (soft, at: number) => (isQuotable(card, at) ? '' : soft))
  const lines = whole.replace(/\n[ \t]/g, '').split('\n')
  return lines.flatMap((line): Line[] => {
    const colon = colonIn(line)
    if (colon < 0) return []
    const [head = '', ...parameters] = line.slice(0, colon).split(';')
    const property = head.replace(/^.*\./, '').trim().toUpperCase()
    const quotable = parameters.some((each) => /^(?:ENCODING=)?QUOTED-PRINTABLE$/i.test(each.trim()))
    const raw = line.slice(colon + 1).trim()
    return [{ property, value: quotable ? unquoted(raw) : raw.replace(/\\([\\;,])|\\n/gi, '$1') }]
  })
}

/** Whether the line around a place is written in quoted-printable, in which a break is marked by `=`. */
const isQuotable = (card: string, at: number): boolean =>
  /QUOTED-PRINTABLE/i.test(card.slice(card.lastIndexOf('\n', at - 1) + 1, at))

/** The colon that ends the parameters, which may hold others in quotes. */
function colonIn(line: string): number {
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') quoted = !quoted
    else if (line[at] === ':' && !quoted) return at
  }
  return -1
}

const unquoted = (value: string): string =>
  Buffer.from(
    value
      .replace(/[^]/g, (sign) => (sign.charCodeAt(0) > 255 ? '?' : sign))
      .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

/** Family name; given name; others: as people write it. */
function nameOf(parts: string): string {
  const [family = '', given = '', middle = ''] = parts.split(';')
  return [given, middle, family].filter((part) => part.trim() !== '').join(' ')
}

const phoneOf = (value: string): string =>
  value
    .replace(/^tel:/i, '')
    .replace(/;.*$/, '')
    .replace(/[^\d+() .-]/g, '')
    .trim()

const clean = (name: string): string =>
  name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, LONGEST_NAME)
