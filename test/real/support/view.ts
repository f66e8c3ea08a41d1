import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'

const PATIENCE_MS = 60_000

/** What one person is shown in one conversation, as lines of text. Each line has to be expected, in its place. */
export abstract class View {
  #read = 0

  /** Whose view of what, for the words of a failure. */
  abstract readonly label: string

  /** Everything that was shown so far. */
  protected abstract lines(): string[]

  /**
   * Waits for exactly these lines, next and in this order; a line may be a matcher.
   * @throws at the first line that is another one, or when one does not come
   */
  async sees(...expected: readonly unknown[]): Promise<string[]> {
    const giveUpAt = Date.now() + PATIENCE_MS
    for (;;) {
      const shown = this.lines().slice(this.#read, this.#read + expected.length)
      const late = Date.now() > giveUpAt
      const seen = this.lines().slice(0, this.#read).slice(-5).join('\n')
      expect(shown, `${this.label}, after:\n${seen}\n`).toEqual(
        late ? expected : expected.slice(0, shown.length),
      )
      if (shown.length === expected.length) {
        this.#read += shown.length
        return shown
      }
      await delay(20)
    }
  }

  /** Waits for a line that fits, past everything before it. @returns the line */
  async skipTo(wanted: RegExp): Promise<string> {
    const giveUpAt = Date.now() + PATIENCE_MS
    for (;;) {
      const unread = this.lines().slice(this.#read)
      const at = unread.findIndex((line) => wanted.test(line))
      const found = unread[at]
      if (found !== undefined) {
        this.#read += at + 1
        return found
      }
      if (Date.now() > giveUpAt)
        throw new Error(`${this.label}: no line fits ${wanted.source} in:\n${unread.join('\n')}`)
      await delay(20)
    }
  }

  /** Takes everything that was shown as expected. */
  catchUp(): void {
    this.#read = this.lines().length
  }

  /** What was shown and not yet expected by anybody. */
  unread(): string[] {
    return this.lines().slice(this.#read)
  }
}
