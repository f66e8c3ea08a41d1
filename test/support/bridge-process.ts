import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ProgramOptions } from './bridge-program.ts'

/** For quick starts: one compiles nothing that an earlier one has compiled. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/viaduct-test', import.meta.url))
const PROGRAM = fileURLToPath(new URL('bridge-program.ts', import.meta.url))

type Preload = { execArgv: string[]; env: Record<string, string> }

/** A Viaduct in a process of its own. The tests kill it, and only it, by its id. */
export class BridgeProcess {
  readonly #options: ProgramOptions
  readonly #preload: Preload
  #child: ChildProcess | undefined
  #port: number
  #killed = Promise.withResolvers<void>()
  kills = 0

  /** @param preload what a loopback server needs in a process that is to believe it */
  constructor(options: ProgramOptions, preload: Preload = { execArgv: [], env: {} }) {
    this.#options = options
    this.#preload = preload
    this.#port = options.port
  }

  get port(): number {
    return this.#port
  }

  /** Resolves when it listens for the homeserver. */
  async start(): Promise<void> {
    const env = {
      ...process.env,
      ...this.#preload.env,
      NODE_COMPILE_CACHE: COMPILED,
      VIADUCT_TEST_OPTIONS: JSON.stringify({ ...this.#options, port: this.#port }),
    }
    const child = spawn(process.execPath, [...this.#preload.execArgv, PROGRAM], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    this.#port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the bridge ended with ${code} before it listened`)))
      child.stdout?.on('data', (chunk: Buffer) => {
        const [, port] = /listening (\d+)/.exec(chunk.toString()) ?? []
        if (port !== undefined) resolve(Number(port))
      })
    })
  }

  /** SIGKILL: nothing is said, nothing is flushed. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
    this.kills += 1
    this.#killed.resolve()
    this.#killed = Promise.withResolvers()
  }

  /** Resolves when it has been killed the next time. */
  get killed(): Promise<void> {
    return this.#killed.promise
  }

  /** SIGTERM: drains. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
}
