import { isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { ViaductError } from '../model/errors.ts'

export type Path = readonly (string | number)[]

/** A YAML file that still knows on which line each key stands. */
export class YamlFile {
  readonly name: string
  /** The values; a key without one is left out, as if it were not there. */
  readonly values: Record<string, unknown>
  readonly #document: Document
  readonly #lines: LineCounter

  /**
   * @param name what the file is called in messages
   * @throws ViaductError `bad_config` when the text is not YAML or no mapping, without any of its values
   */
  constructor(name: string, text: string) {
    this.name = name
    this.#lines = new LineCounter()
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    const [error] = this.#document.errors
    if (error !== undefined) {
      const { line } = this.#lines.linePos(error.pos[0])
      const advice = 'Check the indentation, and put texts that begin with # @ * & or ! in quotes.'
      throw new ViaductError('bad_config', `${name}, line ${line}: not valid YAML: ${error.code}. ${advice}`)
    }
    const values: unknown = withoutNulls(this.#document.toJS() ?? {})
    if (!isRecord(values)) {
      throw new ViaductError(
        'bad_config',
        `${name}, line 1: expected keys with values, such as "key: value".`,
      )
    }
    this.values = values
  }

  /** The line of a key, or of the nearest thing around it that is in the file. */
  lineOf(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsetOf(path.slice(0, length))
      if (offset !== undefined) return this.#lines.linePos(offset).line
    }
    return 1
  }

  #offsetOf(path: Path): number | undefined {
    const parent: unknown =
      path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true)
    const last = path.at(-1)
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && String(item.key) === String(last))
      return isNode(pair?.key) ? pair.key.range?.[0] : undefined
    }
    const node: unknown = this.#document.getIn(path, true)
    return isNode(node) ? node.range?.[0] : undefined
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  )
}
