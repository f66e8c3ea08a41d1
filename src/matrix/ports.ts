import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DeliveryId, MatrixEventId, MatrixRoomId, MatrixUserId, MxcUri } from '../model/ids.ts'

/** Which device each sender has on the homeserver, and since when; the homeserver dedupes sends per device. */
export interface DeviceBook {
  createdAt(user: MatrixUserId): Promise<Date | undefined>
  record(user: MatrixUserId, at: Date): Promise<void>
  forget(user: MatrixUserId): Promise<void>
}

/** Which ghosts are registered and have got their profile. */
export interface GhostBook {
  isRegistered(user: MatrixUserId): Promise<boolean>
  registered(user: MatrixUserId): Promise<void>
}

/** Media ids by a stable key, written before the bytes go up so that a crash between does not upload twice. */
export interface MediaBook {
  /** Reservations older than the homeserver keeps an unused id (24 h) are not found. */
  find(key: string): Promise<{ mxc: MxcUri; uploaded: boolean } | undefined>
  reserve(key: string, mxc: MxcUri): Promise<void>
  uploaded(key: string): Promise<void>
}

export type Books = { devices: DeviceBook; ghosts: GhostBook; media: MediaBook }

/** What the homeserver sends us; handed to the ingress server. */
export type IngressHandlers = {
  /**
   * Stores a transaction and resolves after COMMIT. `invalid` is for a body that is not JSON and for nothing else: the
   * homeserver repeats a refused transaction for ever. A throw, or no answer in time, is told as a 503. `again` is
   * stored too, and refused once, so that the homeserver looks through what it holds back.
   */
  transaction(txnId: string, raw: Buffer): Promise<'stored' | 'again' | 'invalid'>
  userQuery(user: string): Promise<boolean>
  roomQuery(alias: string): Promise<boolean>
  /** `kind` is `protocol`, `user` or `location`; undefined means that there is no such thing. */
  thirdparty?(
    kind: 'protocol' | 'user' | 'location',
    protocol: string | undefined,
    params: URLSearchParams,
  ): Promise<unknown>
  /** Requests that are no part of the appservice API, such as health checks. Resolves with whether it has answered. */
  other?(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** While true every transaction is told to come back later. */
  suspended?(): boolean
  /** The homeserver went away before it had our answer: it may have lost what it kept in memory behind it. */
  onAborted?(): void
}

/** One HTTP request that ended, for metrics. `endpoint` is the path with `{}` for its variable parts. */
export type RequestInfo = { method: string; endpoint: string; status: number | 'error'; ms: number }

export type MatrixConfig = {
  homeserverUrl: string
  serverName: string
  asToken: string
  hsToken: string
  /** The registration's id. */
  appserviceId: string
  /** The registration's own user, which nobody sees. */
  senderLocalpart: string
  /** The visible bot. */
  botLocalpart: string
  /** What every ghost's localpart begins with. */
  userPrefix: string
  deviceId: string
  /** Sockets to the homeserver. */
  connections: number
  requestTimeoutMs: number
  /** The second registration, which acts for people. */
  doublePuppet?: { asToken: string; id: string }
  mediaLimitBytes?: number
  /**
   * A word unique to the database, part of every transaction id: a new or restored database counts deliveries from a
   * number that the homeserver has seen, and would swallow them.
   */
  instance?: string
}

/**
 * What came of a request. `retry` is always safe: it carries the same transaction id. `eventId` is empty where the
 * homeserver names no event (memberships).
 */
export type MatrixOutcome =
  | { kind: 'delivered'; eventId: MatrixEventId }
  | { kind: 'retry'; why: string; afterMs?: number }
  | { kind: 'rejected'; code: RejectCode; why: string }

export type RoomOutcome =
  { kind: 'delivered'; room: MatrixRoomId } | Exclude<MatrixOutcome, { kind: 'delivered' }>

export type RejectCode =
  /** The sender may not do this in the room. */
  | 'not_permitted'
  /** The sender is not in the room and could not be brought in. */
  | 'not_a_member'
  /** No such room or event. */
  | 'not_found'
  | 'too_large'
  /** The homeserver finds the request malformed: our fault. */
  | 'bad_event'
  /** The double puppet registration may not act for this user. */
  | 'no_puppet'
  | 'homeserver_refused'

/** Who a request is made as. */
export type Actor = { user: MatrixUserId; puppet?: 'double' }

/** One attempt at one delivery to a room. */
export type MatrixSend = {
  delivery: DeliveryId
  part?: number
  room: MatrixRoomId
  as: MatrixUserId
  type: string
  content: Record<string, unknown>
  at?: Date
  /** Attempts made before this one. */
  attempts: number
  firstAttemptAt?: Date
  puppet?: 'double'
}
