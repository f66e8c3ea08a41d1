import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const readyWithinMs = 90_000
const stopWithinMs = 20_000

export interface ServerCommand {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  /** System user to run as; the caller's when absent. */
  readonly user?: string
  /** Standard output and error are appended here. */
  readonly logPath: string
  /** Beside the few variables that every server gets. */
  readonly env?: Readonly<Record<string, string>>
  /** True once the server answers; asked again until then. */
  readonly ready: () => Promise<boolean>
}

/** One foreign server as a child process. The kernel kills it when this process dies, however it dies. */
export class ServerProcess {
  readonly #command: ServerCommand
  #child: ChildProcess | undefined

  constructor(command: ServerCommand) {
    this.#command = command
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get pid(): number {
    if (this.#child?.pid === undefined || !this.running)
      throw new Error(`${this.#command.name} is not running`)
    return this.#child.pid
  }

  /** Resolves when the server answers. Throws with the end of its log when it exits or stays silent. */
  async start(): Promise<void> {
    if (this.running) throw new Error(`${this.#command.name} is running already`)
    const { name, program, args, user, logPath, env, ready } = this.#command
    const identity = user === undefined ? [] : ['--reuid', user, '--regid', user, '--init-groups']
    const log = openSync(logPath, 'a')
    // setpriv replaces itself by the server, so the child's pid is the server's own.
    this.#child = spawn('setpriv', [...identity, '--pdeathsig', 'KILL', program, ...args], {
      stdio: ['ignore', log, log],
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', ...env },
    })
    closeSync(log)
    const deadline = Date.now() + readyWithinMs
    while (!(await ready().catch(() => false))) {
      if (!this.running) throw new Error(`${name} exited while starting\n${this.#logEnd()}`)
      if (Date.now() > deadline) {
        await this.kill()
        throw new Error(`${name} did not answer within ${readyWithinMs} ms\n${this.#logEnd()}`)
      }
      await delay(50)
    }
    if (!this.running) throw new Error(`${name} exited while starting\n${this.#logEnd()}`)
  }

  /** SIGKILL: the server gets no chance to write anything. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks the server to end by `signal`, insists by SIGKILL when it does not. Resolves when it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const insist = setTimeout(() => this.#child?.kill('SIGKILL'), stopWithinMs)
    try {
      await this.#end(signal)
    } finally {
      clearTimeout(insist)
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.running) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  #logEnd(): string {
    return readFileSync(this.#command.logPath, 'utf8').split('\n').slice(-40).join('\n')
  }
}

/** A loopback port that is free now. The servers here cannot report a port that the kernel chose for them. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port')
  server.close()
  await once(server, 'close')
  return address.port
}
