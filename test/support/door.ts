import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** A way to a server that can be shut: who is on it is cut off, and nobody gets in. */
export class Door {
  readonly #server: net.Server
  readonly #sockets = new Set<Socket>()
  #shut = false

  private constructor(server: net.Server) {
    this.#server = server
  }

  static async to(port: number): Promise<Door> {
    const server = net.createServer((socket) => door.#enter(socket, port))
    const door = new Door(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return door
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  shut(): void {
    this.#shut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  open(): void {
    this.#shut = false
  }

  async close(): Promise<void> {
    this.shut()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #enter(socket: Socket, port: number): void {
    if (this.#shut) {
      socket.destroy()
      return
    }
    const onward = net.connect(port, '127.0.0.1')
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  }
}
