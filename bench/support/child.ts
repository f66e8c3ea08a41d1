import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A program of `bench/programs` in a process of its own; it ends with this one. */
export class Child<Ready> {
  readonly ready: Ready
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, ready: Ready) {
    this.#child = child
    this.ready = ready
  }

  /** Resolves with the program's first message. */
  static async start<Ready>(name: string, options: unknown): Promise<Child<Ready>> {
    const path = fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url))
    // The library's HTTP stack uses a deprecated function, as everybody knows.
    const execArgv = ['--disable-warning=DEP0060']
    const child = fork(path, [JSON.stringify(options)], { execArgv })
    const ready = await answer<Ready>(child, name)
    return new Child(child, ready)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The program's next message. */
  next<T>(): Promise<T> {
    return answer<T>(this.#child, 'the program')
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

function answer<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`${name} ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message as T)
    })
  })
}
