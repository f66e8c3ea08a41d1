import type { Socket } from 'node:net'
import net from 'node:net'
import tls from 'node:tls'
import type { ParsedLine, SimIrc } from './index.ts'
import { parseLine } from './index.ts'
import { waitUntil } from './wait.ts'

/** A bare client over a real socket, for the server's own tests: it writes lines and remembers what comes. */
export class TestSocket {
  readonly lines: ParsedLine[] = []
  /** every chunk as the socket gave it */
  readonly chunks: Buffer[] = []
  closed = false
  error: string | undefined
  readonly socket: Socket

  constructor(server: SimIrc, options?: tls.ConnectionOptions) {
    const { host, port } = server
    this.socket = options === undefined ? net.connect(port, host) : tls.connect({ host, port, ...options })
    let rest = ''
    const decoder = new TextDecoder()
    this.socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk)
      const texts = (rest + decoder.decode(chunk, { stream: true })).split('\r\n')
      rest = texts.pop() ?? ''
      for (const text of texts) this.lines.push(parseLine(text))
    })
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code))
    this.socket.on('close', () => (this.closed = true))
  }

  write(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  /** Registers with these capabilities and waits until it is welcome. */
  async register(nick: string, caps = ''): Promise<this> {
    this.write(
      'CAP LS 302',
      ...(caps === '' ? [] : [`CAP REQ :${caps}`]),
      `NICK ${nick}`,
      `USER ${nick} 0 * :${nick}`,
    )
    this.write('CAP END')
    await this.got('001')
    return this.fence()
  }

  /** Waits until the server has processed everything sent so far. */
  async fence(): Promise<this> {
    const token = `fence${Math.random()}`
    this.write(`PING ${token}`)
    await waitUntil(
      () => this.lines.some((line) => line.command === 'PONG' && line.params[1] === token),
      'PONG',
    )
    return this
  }

  /** The first line of a command after `since`, waited for. */
  async got(command: string, since = 0): Promise<ParsedLine> {
    const find = () => this.lines.slice(since).find((line) => line.command === command)
    await waitUntil(() => find() !== undefined || this.closed, command)
    const line = find()
    if (line === undefined) throw new Error(`closed without ${command}: ${this.lines.at(-1)?.raw ?? ''}`)
    return line
  }

  all(command: string): ParsedLine[] {
    return this.lines.filter((line) => line.command === command)
  }

  /** Sends lines and gives back what comes until they are processed, without the fence. */
  async ask(...lines: string[]): Promise<ParsedLine[]> {
    const since = this.lines.length
    this.write(...lines)
    await this.fence()
    return this.lines.slice(since).filter((line) => line.command !== 'PONG')
  }

  async gone(): Promise<void> {
    await waitUntil(() => this.closed, 'the end of the connection')
  }
}
