import { escapeHtml } from '../matrix/html.ts'

/** Marks that both boxes of the page understand, as Matrix clients do; code goes first, as nothing counts within it. */
const INLINE: readonly (readonly [RegExp, string])[] = [
  [/\*\*([^*\n]+)\*\*/g, '<strong>$1</strong>'],
  [/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, '<em>$1</em>'],
  [/(?<![\w_])_([^_\n]+)_(?![\w_])/g, '<em>$1</em>'],
  [/~~([^~\n]+)~~/g, '<del>$1</del>'],
  [/\|\|([^|\n]+)\|\|/g, '<span data-mx-spoiler>$1</span>'],
  [/\{(red|green|blue|orange|purple)\}([^{}\n]+)\{\/\}/g, '<font color="$1">$2</font>'],
]

const COLOURS: Readonly<Record<string, string>> = {
  red: '#cc2222',
  green: '#1a8f3c',
  blue: '#2257cc',
  orange: '#d9730d',
  purple: '#8a2fb8',
}

/** What was typed, and its HTML when something in it is marked. */
export function fromMarkup(text: string): { body: string; html?: string } {
  const parts = text.split(/`([^`\n]+)`/)
  const html = parts
    .map((part, i) => (i % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : marked(part)))
    .join('')
  return html === plain(text) ? { body: text } : { body: text, html }
}

function marked(text: string): string {
  return INLINE.reduce((html, [pattern, to]) => html.replace(pattern, to), plain(text)).replace(
    /<font color="(\w+)">([^]*?)<\/font>/g,
    (_, colour: string, inner: string) =>
      `<span data-mx-color="${COLOURS[colour] ?? '#000000'}">${inner}</span>`,
  )
}

const plain = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>')
