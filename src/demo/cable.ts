import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** The wire between the bridge and a server on this machine, which can be pulled out and put back. */
export class Cable {
  readonly #server: Server
  readonly #to: number
  readonly #sockets = new Set<Socket>()
  readonly #waiting = new Set<Socket>()
  #cut = false

  private constructor(to: number) {
    this.#to = to
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Leads from a free port of 127.0.0.1 to the port `to`. */
  static async lay(to: number): Promise<Cable> {
    const cable = new Cable(to)
    await new Promise<void>((resolve, reject) => {
      cable.#server.once('error', reject)
      cable.#server.listen(0, '127.0.0.1', resolve)
    })
    return cable
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get isCut(): boolean {
    return this.#cut
  }

  /** Ends every connection with a reset. Those that come meanwhile hear nothing until `mend`. */
  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  mend(): void {
    this.#cut = false
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const socket of waiting) this.#lead(socket)
  }

  async close(): Promise<void> {
    for (const socket of [...this.#sockets, ...this.#waiting]) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    if (!this.#cut) return this.#lead(socket)
    this.#waiting.add(socket)
    socket.once('close', () => this.#waiting.delete(socket))
  }

  #lead(near: Socket): void {
    const far = connect(this.#to, '127.0.0.1')
    far.on('error', () => {})
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one)
      one.once('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }
}
