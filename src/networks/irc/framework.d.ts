/** The part of irc-framework 4.14.0 that is used; the package has no types of its own. */
declare module 'irc-framework' {
  import type { EventEmitter } from 'node:events'

  /** What the library asks of a transport: duck-typed, made anew for each connection attempt. */
  export interface Transport extends EventEmitter {
    connect(): void
    writeLine(line: string, callback?: () => void): void
    setEncoding(encoding: string): boolean
    close(force: boolean): void
    disposeSocket(): void
    isConnected(): boolean
  }

  export type ClientOptions = {
    host: string
    port: number
    nick: string
    username: string
    gecos: string
    password?: string
    /** An empty object, never undefined: otherwise the server password becomes a SASL secret. */
    account: { account: string; password: string } | Record<string, never>
    sasl_mechanism?: 'PLAIN' | 'EXTERNAL'
    sasl_disconnect_on_fail: boolean
    auto_reconnect: false
    version: ''
    enable_chghost: boolean
    enable_setname: boolean
    enable_echomessage: boolean
    /** Seconds; 0 turns the library's own keepalive off. */
    ping_interval: number
    ping_timeout: number
    transport: new (options: ClientOptions) => Transport
  }

  export class Client {
    readonly connection: {
      readonly connected: boolean
      on(event: 'socket close', listener: (error: Error | false) => void): void
      /** `false` when surely not written, otherwise undefined. */
      write(line: string): false | undefined
      end(line: null, hadError: boolean): void
    }
    readonly network: {
      readonly cap: {
        readonly enabled: string[]
        readonly available: Map<string, string>
        negotiating: boolean
      }
    }
    requestCap(caps: string[]): void
    connect(options: ClientOptions): void
  }
}
