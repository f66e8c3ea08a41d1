import type { tl } from '@mtcute/core'
import { trimmed, validSpans } from './spans.ts'
import type { TgText } from './spans.ts'

type OpenEntity = { entity: tl.TypeMessageEntity; start: number }

/**
 * Writes text as HTML lays it out: spaces run together, blocks stand on lines of their own, paragraphs are apart. An
 * entity is open from `begin` to `end`.
 */
export class TextWriter {
  #text = ''
  readonly #entities: tl.TypeMessageEntity[] = []
  readonly #open: OpenEntity[] = []
  /** Line breaks that come before the next character, if there is one. */
  #breaks = 0
  #space = false
  #indents: { first: string; rest: string; used: boolean }[] = []

  begin(entity: tl.TypeMessageEntity): void {
    this.#open.push({ entity, start: -1 })
  }

  end(): void {
    const done = this.#open.pop()
    if (done === undefined || done.start < 0 || done.start >= this.#text.length) return
    this.#entities.push({ ...done.entity, offset: done.start, length: this.#text.length - done.start })
  }

  /** The innermost entity was none after all; its text stays. */
  drop(): void {
    this.#open.pop()
  }

  /** Text in which white space says nothing but that there is some. */
  inline(text: string): void {
    for (const piece of text.toWellFormed().split(/([ \t\n\r\f]+)/)) {
      if (piece === '') continue
      if (/^[ \t\n\r\f]/.test(piece)) this.#space = this.#space || !this.#atLineStart
      else this.#write(piece)
    }
  }

  /** Text as it is, line breaks and spaces too. */
  verbatim(text: string): void {
    for (const [i, line] of text.toWellFormed().replace(/\r\n?/g, '\n').split('\n').entries()) {
      if (i > 0) {
        this.#space = false
        this.#breaks++
      }
      if (line !== '') this.#write(line)
    }
  }

  lineBreak(): void {
    this.#space = false
    this.#breaks++
  }

  /** The next text begins a line, after `apart` of them if there is text before. */
  block(apart = 1): void {
    this.#space = false
    if (this.#text !== '') this.#breaks = Math.max(this.#breaks, apart)
  }

  /** Lines from here on begin with `rest`, the first one with `first`. */
  indent(first: string, rest: string): void {
    this.#indents.push({ first, rest, used: false })
  }

  outdent(): void {
    this.#indents.pop()
  }

  get last(): string {
    return this.#text
  }

  finish(): TgText {
    while (this.#open.length > 0) this.end()
    return trimmed({ text: this.#text, entities: validSpans(this.#text, this.#entities) })
  }

  get #atLineStart(): boolean {
    return this.#text === '' || this.#breaks > 0 || this.#text.endsWith('\n')
  }

  #write(piece: string): void {
    const newLine = this.#text === '' || this.#breaks > 0
    const before = this.#text === '' ? '' : '\n'.repeat(this.#breaks)
    const margin = newLine ? this.#margin() : ''
    const lead = before + (before === '' && this.#space && !newLine ? ' ' : '') + margin
    this.#text += lead
    for (const open of this.#open) if (open.start < 0) open.start = this.#text.length
    this.#text += piece
    this.#breaks = 0
    this.#space = false
  }

  #margin(): string {
    return this.#indents
      .map((indent) => {
        const text = indent.used ? indent.rest : indent.first
        indent.used = true
        return text
      })
      .join('')
  }
}
