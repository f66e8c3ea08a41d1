import { formatLine, lineBytes } from './wire.ts'
import type { OutgoingLine } from './wire.ts'

/** The only place from which lines go out: nothing that is not exactly one line passes. */
export class Writer {
  linesWritten = 0
  bytesWritten = 0
  readonly #write: (line: string) => boolean

  /** @param write hands one line to the socket; false when it surely did not */
  constructor(write: (line: string) => boolean) {
    this.#write = write
  }

  /**
   * @returns false when the line was surely not written; true proves nothing but that the socket took it
   * @throws ViaductError `bad_request` when the parts do not make one line
   */
  write(line: OutgoingLine): boolean {
    const text = formatLine(line)
    if (!this.#write(text)) return false
    this.linesWritten++
    this.bytesWritten += lineBytes(text)
    return true
  }
}
