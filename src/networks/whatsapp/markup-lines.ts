import { BREAKER } from './from-markup.ts'

export type Style = 'bold' | 'italic' | 'strike' | 'code'

/** A piece of a line. `exact`: it stays as it is, as an address or somebody's name has to. */
export type Run = { text: string; styles: ReadonlySet<Style>; exact?: boolean }

/** A line of a text, or one of a code block, in which nothing is marked. */
export type Line = { prefix: string; runs: Run[]; fenced?: boolean }

const MARKERS: Readonly<Record<Style, string>> = { bold: '*', italic: '_', strike: '~', code: '`' }
const ORDER: readonly Style[] = ['bold', 'italic', 'strike', 'code']

const WORD = /[\p{L}\p{N}]$/u
const WORD_FIRST = /^[\p{L}\p{N}]/u

/** Lines as WhatsApp's text. */
export function writeLines(lines: readonly Line[]): string {
  const out: string[] = []
  let fenced = false
  for (const [i, line] of lines.entries()) {
    const code = line.fenced === true
    if (code && !fenced) out.push(`${line.prefix}\`\`\``)
    fenced = code
    out.push(line.prefix + (code ? plainOf(line.runs) : inline(line.runs, line.prefix === '')))
    if (code && lines[i + 1]?.fenced !== true) {
      out.push(`${line.prefix}\`\`\``)
      fenced = false
    }
  }
  return out.join('\n')
}

const plainOf = (runs: readonly Run[]): string =>
  runs.map(({ text }) => text.replaceAll('```', `\`${BREAKER}\`${BREAKER}\``)).join('')

function inline(runs: readonly Run[], first: boolean): string {
  const text = styled(runs, ORDER, '', '')
  // WhatsApp would take these for a quotation or an item.
  return first && /^(?:> |[-*] |\d{1,3}\. )/.test(text) ? BREAKER + text : text
}

/**
 * The outermost style first, each on as many runs as have it in one piece. `before` and `after` are the characters
 * around: within a word WhatsApp marks nothing, so there the style is left out and not its text.
 */
function styled(runs: readonly Run[], styles: readonly Style[], before: string, after: string): string {
  const style = styles.find((each) => runs.some((run) => run.styles.has(each)))
  if (style === undefined)
    return runs.map((run) => (run.exact === true ? run.text : literal(run.text))).join('')
  const rest = styles.filter((each) => each !== style)
  const groups = grouped(runs, style)
  let out = ''
  for (const [i, group] of groups.entries()) {
    const left = out === '' ? before : out
    const right = groups[i + 1]?.runs[0]?.text ?? after
    out += group.on ? marked(group.runs, style, rest, left, right) : styled(group.runs, rest, left, right)
  }
  return out
}

function grouped(runs: readonly Run[], style: Style): { on: boolean; runs: Run[] }[] {
  const groups: { on: boolean; runs: Run[] }[] = []
  for (const run of runs) {
    const on = run.styles.has(style)
    const last = groups.at(-1)
    if (last?.on === on) last.runs.push(run)
    else groups.push({ on, runs: [run] })
  }
  return groups
}

/** Space at the edges stays outside of the markers. */
function marked(
  runs: readonly Run[],
  style: Style,
  rest: readonly Style[],
  before: string,
  after: string,
): string {
  const whole = runs.map(({ text }) => text).join('')
  const lead = /^\s*/.exec(whole)?.[0] ?? ''
  const tail = whole.trim() === '' ? '' : (/\s*$/.exec(whole)?.[0] ?? '')
  const marker = MARKERS[style]
  const inside = trimmedRuns(runs, lead.length, whole.length - tail.length)
  const bare = inside.map(({ text }) => text).join('')
  const withinWord = (lead === '' && WORD.test(before)) || (tail === '' && WORD_FIRST.test(after))
  if (bare === '' || withinWord || bare.includes(marker)) return styled(runs, rest, before, after)
  const inner = style === 'code' ? bare : styled(inside, rest, marker, marker)
  return `${lead}${marker}${inner}${marker}${tail}`
}

function trimmedRuns(runs: readonly Run[], from: number, to: number): Run[] {
  let at = 0
  return runs.flatMap((run) => {
    const start = Math.max(0, from - at)
    const end = Math.min(run.text.length, to - at)
    at += run.text.length
    return end > start ? [{ ...run, text: run.text.slice(start, end) }] : []
  })
}

/**
 * Characters that WhatsApp would read as markers, broken from their text by something that nobody sees: `*this*` that
 * is meant so stays so. Addresses of the web are left alone, WhatsApp marks nothing in them.
 */
export function literal(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>]+)/i)
    .map((part, i) =>
      i % 2 === 1 ? part : part.replace(/(?<![\p{L}\p{N}])[*_~`](?=\S|$)/gu, `$&${BREAKER}`),
    )
    .join('')
}
