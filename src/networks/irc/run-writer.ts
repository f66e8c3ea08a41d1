import type { Style } from './format-codes.ts'
import { addRun } from './format-parse.ts'
import type { Run } from './format-parse.ts'
import { sanitizeText, trimEnd, trimStart } from './sanitize.ts'

type Indent = { first: string; rest: string; used: boolean }

const DEEPEST_INDENT = 8
const WHITE = ' \t\r\n\f'

/** Lays out the text of HTML: white space, lines, indents. Everything it is given is sanitised here. */
export class RunWriter {
  readonly #runs: Run[] = []
  readonly #indents: Indent[] = []
  readonly #captures: string[] = []
  #lineStart = true
  /** White space that is written if anything follows on the line; it looks as it did where it stood. */
  #space: Style | undefined
  #spaceBefore = false
  #pilled = false
  #inRow = false

  /** Text whose white space counts as one space, and as none at the ends of a line. */
  inline(text: string, style: Style): void {
    const words = trimStart(trimEnd(text, WHITE), WHITE)
    if (text !== '' && WHITE.includes(text.charAt(0))) this.#space ??= style
    if (words === '') return
    // Line separators of Unicode would be lines of IRC; inside a paragraph they are white space as any other.
    this.#write(words.replace(/[ \t\r\n\f\u2028\u2029]+/g, ' '), style)
    if (WHITE.includes(text.slice(-1))) this.#space = style
  }

  /** Text of which every character counts, lines included. */
  verbatim(text: string, style: Style): void {
    for (const [index, line] of sanitizeText(text.replaceAll('\t', '    ')).split('\n').entries()) {
      if (index > 0) this.#newLine()
      if (line !== '') this.#write(line, style)
    }
  }

  /** Someone's nick; at the beginning of a line it addresses them: `nick: `. */
  pill(nick: string, style: Style): void {
    const addresses = this.#lineStart
    this.inline(nick, style)
    this.#pilled = addresses
  }

  /** What stands between two cells of a row. */
  separator(text: string): void {
    this.#space = undefined
    this.#pilled = false
    this.#write(text, {})
  }

  /** A line of its own across the page. */
  rule(): void {
    this.block()
    this.#write('---', {})
    this.block()
  }

  /** Ends the line if anything is on it. In a row of a table there is only one line. */
  block(): void {
    if (this.#inRow) this.#space ??= {}
    else if (!this.#lineStart) this.#newLine()
  }

  lineBreak(): void {
    if (this.#inRow) this.#space ??= {}
    else this.#newLine()
  }

  row(inside: boolean): void {
    this.#inRow = inside
  }

  /** Puts `first` before the next line and `rest` before those after it, until `outdent`. */
  indent(first: string, rest: string): void {
    this.#indents.push({ first, rest, used: false })
  }

  outdent(): void {
    this.#indents.pop()
  }

  /** Keeps what is written from here on, for `endCapture`. */
  startCapture(): void {
    this.#captures.push('')
  }

  endCapture(): string {
    return this.#captures.pop() ?? ''
  }

  /** The runs, without empty lines around them. */
  finish(): Run[] {
    const first = this.#runs.at(0)
    if (first !== undefined) first.text = trimStart(first.text, '\n')
    const last = this.#runs.at(-1)
    if (last !== undefined) last.text = trimEnd(last.text, '\n')
    return this.#runs.filter((run) => run.text !== '')
  }

  #newLine(): void {
    addRun(this.#runs, '\n', {})
    this.#lineStart = true
    this.#space = undefined
    this.#pilled = false
  }

  #write(text: string, style: Style): void {
    const words = sanitizeText(text)
    if (words === '') return
    if (this.#pilled) {
      if (!/^[:,]/.test(words)) addRun(this.#runs, ': ', {})
      this.#space = undefined
    }
    if (this.#lineStart) addRun(this.#runs, this.#prefix(), {})
    else if (this.#space !== undefined && !this.#spaceBefore) this.#put(' ', this.#space)
    this.#lineStart = false
    this.#space = undefined
    this.#pilled = false
    this.#put(words, style)
  }

  #put(text: string, style: Style): void {
    addRun(this.#runs, text, style)
    this.#spaceBefore = text.endsWith(' ')
    const last = this.#captures.length - 1
    if (last >= 0) this.#captures[last] += text
  }

  #prefix(): string {
    return this.#indents
      .slice(0, DEEPEST_INDENT)
      .map((indent) => {
        const text = indent.used ? indent.rest : indent.first
        indent.used = true
        return text
      })
      .join('')
  }
}
