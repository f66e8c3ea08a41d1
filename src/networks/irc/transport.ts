import { EventEmitter } from 'node:events'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { messageOf } from '../../model/errors.ts'
import type { IrcServer } from './config.ts'
import { decodeLine } from './wire.ts'

/** A line, its tags included, is never longer than this (message-tags allows 8191 bytes of tags and 512 of text). */
export const MAX_LINE_BYTES = 16_384

export type TransportOptions = {
  server: IrcServer
  certificate?: { key: string; cert: string }
  /** Address of this machine to connect from. */
  localAddress?: string
  /** Takes each line before the library sees it. @returns whether the library sees it at all */
  onLine(line: string): boolean
  /** Runs as soon as both ports are known, before TLS. */
  onSocket(socket: Socket): void
  /** A line could not be handled; the connection is about to be closed. */
  onFault(error: unknown): void
}

/**
 * The bytes under irc-framework. Unlike the library's own it bounds a line, decodes each for itself, pauses, pins
 * certificates, and turns a throw while a line is handled into the end of this connection alone.
 */
export class IrcTransport extends EventEmitter {
  readonly #options: TransportOptions
  #socket: Socket | undefined
  #connected = false
  #paused = false
  #rest: Buffer[] = []
  #restBytes = 0
  #error: Error | undefined

  constructor(options: TransportOptions) {
    super()
    this.#options = options
  }

  connect(): void {
    const { server } = this.#options
    const socket = server.tls ? this.#connectTls() : this.#connectTcp()
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('connect', () => {
      this.#options.onSocket(socket)
      if (!server.tls) this.#open()
    })
    socket.on('secureConnect', () => this.#checkPin(socket as TLSSocket))
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('close', () => {
      this.#connected = false
      this.emit('close', this.#error ?? false)
    })
  }

  writeLine(line: string, callback?: () => void): void {
    // The library asks for nothing at all when a server announces capabilities that nobody wants.
    if (this.#socket === undefined || !this.#connected || line.trimEnd() === 'CAP REQ :') {
      if (callback !== undefined) process.nextTick(callback)
      return
    }
    this.#socket.write(`${line}\r\n`, callback)
  }

  setEncoding(_encoding: string): boolean {
    return true
  }

  close(force: boolean): void {
    if (force || !this.#connected) this.#socket?.destroy()
    else this.#socket?.end()
  }

  disposeSocket(): void {
    this.#socket?.destroy()
  }

  isConnected(): boolean {
    return this.#connected
  }

  /** Reads nothing more until `resume`, so that the server's own queue fills instead of our memory. */
  pause(): void {
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#socket?.resume()
  }

  get paused(): boolean {
    return this.#paused
  }

  #connectTcp(): Socket {
    const { server, localAddress } = this.#options
    return connectTcp({ host: server.host, port: server.port, ...(localAddress && { localAddress }) })
  }

  #connectTls(): TLSSocket {
    const { server, certificate, localAddress } = this.#options
    const options: ConnectionOptions & { localAddress?: string } = {
      host: server.host,
      port: server.port,
      minVersion: 'TLSv1.2',
      // A pin names the certificate itself, so no authority has to vouch for it.
      rejectUnauthorized: server.verify && server.pins === undefined,
      ...(isIP(server.host) === 0 && { servername: server.host }),
      ...(server.ca !== undefined && { ca: server.ca }),
      ...(certificate && { key: certificate.key, cert: certificate.cert }),
      ...(localAddress && { localAddress }),
    }
    return connectTls(options)
  }

  #checkPin(socket: TLSSocket): void {
    const { pins } = this.#options.server
    const plain = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase()
    const found = plain(socket.getPeerCertificate().fingerprint256 ?? '')
    if (pins !== undefined && !pins.some((pin) => plain(pin) === found)) {
      socket.destroy(new Error('the certificate of the server is not one of the pinned ones'))
      return
    }
    this.#open()
  }

  #open(): void {
    this.#connected = true
    this.emit('open')
  }

  #read(bytes: Buffer): void {
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const line = Buffer.concat([...this.#rest, bytes.subarray(start, end)])
      this.#rest = []
      this.#restBytes = 0
      start = end + 1
      if (line.length > MAX_LINE_BYTES) return this.#fault(new Error('line too long'))
      if (!this.#line(decodeLine(line)) || this.#socket?.destroyed === true) return
    }
    this.#rest.push(bytes.subarray(start))
    this.#restBytes += bytes.length - start
    if (this.#restBytes > MAX_LINE_BYTES) this.#fault(new Error('line too long'))
  }

  #line(line: string): boolean {
    try {
      if (this.#options.onLine(line)) this.emit('line', line)
      return true
    } catch (error) {
      this.#fault(error)
      return false
    }
  }

  #fault(error: unknown): void {
    this.#rest = []
    this.#restBytes = 0
    this.#error = new Error(messageOf(error))
    this.#options.onFault(error)
    this.#socket?.destroy()
  }
}
