import type { IrcServer } from './config.ts'

type Policy = {
  port: number
  /** Milliseconds since 1970; absent until a connection by TLS has said how long it counts. */
  until?: number
}

const LONGEST_S = 400 * 86_400

/**
 * Which servers are reached by TLS alone because they said so, whatever the settings say
 * (https://ircv3.net/specs/extensions/sts). A policy is never given up for want of a working TLS connection.
 */
export class StsPolicies {
  readonly #policies = new Map<string, Policy>()

  /** Takes the value of an `sts` capability. @returns whether this connection has to be made again, by TLS */
  offered(server: IrcServer, value: string, now: Date): boolean {
    const host = server.host.toLowerCase()
    if (!server.tls) {
      const port = numberIn(value, 'port', 65_535)
      if (port === undefined || port === 0) return false
      this.#policies.set(host, { port })
      return true
    }
    const seconds = numberIn(value, 'duration', LONGEST_S)
    if (seconds === 0) this.#policies.delete(host)
    else if (seconds !== undefined) {
      this.#policies.set(host, { port: server.port, until: now.getTime() + seconds * 1_000 })
    }
    return false
  }

  /** The server as it may be connected to now. */
  apply(server: IrcServer, now: Date): IrcServer {
    const policy = this.#policies.get(server.host.toLowerCase())
    if (server.tls || policy === undefined) return server
    if (policy.until !== undefined && policy.until <= now.getTime()) return server
    return { ...server, tls: true, port: policy.port }
  }

  /** What has to be remembered over restarts. */
  save(): string {
    return JSON.stringify([...this.#policies].filter(([, { until }]) => until !== undefined))
  }

  /** Takes what `save` gave; of two policies for a host that which counts longer. */
  load(text: string | undefined): void {
    for (const [host, policy] of read(text)) {
      const known = this.#policies.get(host)?.until ?? 0
      if (known < (policy.until ?? 0)) this.#policies.set(host, policy)
    }
  }
}

function read(text: string | undefined): [string, Policy][] {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(list) ? list.filter(isEntry) : []
  } catch {
    return []
  }
}

function isEntry(entry: unknown): entry is [string, Policy] {
  if (!Array.isArray(entry)) return false
  const [host, policy] = entry as [unknown, Partial<Policy> | null | undefined]
  return typeof host === 'string' && Number.isInteger(policy?.port) && typeof policy?.until === 'number'
}

/** A whole number in `port=6697,duration=300`, at most `most`. */
function numberIn(value: string, key: string, most: number): number | undefined {
  const [, digits] = new RegExp(`(?:^|,)${key}=(\\d{1,12})(?:,|$)`).exec(value) ?? []
  return digits === undefined ? undefined : Math.min(most, Number(digits))
}
