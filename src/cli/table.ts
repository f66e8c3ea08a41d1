/** Rows with their columns aligned; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const right = head.map((_, index) => rows.length > 0 && rows.every((row) => /^\d*$/.test(row[index] ?? '')))
  return columns([head, ...rows], right)
}

/** Rows with their columns aligned, two spaces between. */
export function columns(rows: readonly (readonly string[])[], right: readonly boolean[] = []): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell))
  }
  return rows.map((row) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, right[index] === true))
      .join('  ')
      .trimEnd(),
  )
}

/** A text of one line, cut with an ellipsis. */
export function cut(text: string, length: number): string {
  const letters = lettersOf(text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim())
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('')}…`
}

const segmenter = new Intl.Segmenter()

const lettersOf = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment)

const width = (text: string) => lettersOf(text).length

function pad(text: string, to: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, to - width(text)))
  return right ? space + text : text + space
}
