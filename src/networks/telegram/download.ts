import { Readable } from 'node:stream'
import type { BaseTelegramClient } from '@mtcute/core/client.js'
import { tl } from '@mtcute/core'
import { ViaductError } from '../../model/errors.ts'
import { sweepAfter } from '../shared/sweep.ts'

/** Offsets and limits have to be such that a piece lies in one megabyte (https://core.telegram.org/api/files). */
const PIECE_BYTES = 512 * 1024
const AT_ONCE = 3
const PIECE_MS = 60_000
const MOST_REFRESHES = 3

/** Where the bytes of a file are at this moment; its file reference expires. */
export type Place = { location: tl.TypeInputFileLocation; dc: number; sizeBytes?: number }

/**
 * Reads a file as a stream; a few pieces are in memory at a time. `find` is asked where it is, and asked again whenever what
 * it said is too old. @throws ViaductError when there is no such file; later faults are the stream's
 */
export async function download(
  client: BaseTelegramClient,
  find: () => Promise<Place | undefined>,
): Promise<{ stream: Readable; sizeBytes?: number }> {
  const place = await find()
  if (place === undefined) throw gone()
  const { sizeBytes } = place
  const stream = Readable.from(pieces(client, find, place), { objectMode: false })
  return { stream, ...(sizeBytes !== undefined && { sizeBytes }) }
}

async function* pieces(
  client: BaseTelegramClient,
  find: () => Promise<Place | undefined>,
  first: Place,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController()
  const reader = new Reader(client, find, first, stop.signal)
  const ahead: Promise<Uint8Array>[] = []
  let asked = 0
  try {
    for (let offset = 0; ; offset += PIECE_BYTES) {
      while (ahead.length < AT_ONCE && (asked === 0 || isThere(asked, first))) {
        const piece = reader.read(asked)
        piece.catch(() => undefined)
        ahead.push(piece)
        asked += PIECE_BYTES
      }
      const bytes = await (ahead.shift() ?? reader.read(offset))
      if (bytes.length > 0) yield bytes
      sweepAfter(bytes.length)
      if (bytes.length < PIECE_BYTES) return
      if (first.sizeBytes !== undefined && offset + PIECE_BYTES >= first.sizeBytes) return
    }
  } finally {
    stop.abort()
  }
}

/** Whether it is known that the file has bytes there. */
const isThere = (offset: number, { sizeBytes }: Place) => sizeBytes !== undefined && offset < sizeBytes

class Reader {
  readonly #client: BaseTelegramClient
  readonly #find: () => Promise<Place | undefined>
  readonly #signal: AbortSignal
  #place: Place
  #refreshing: Promise<void> | undefined
  #refreshes = 0

  constructor(
    client: BaseTelegramClient,
    find: () => Promise<Place | undefined>,
    place: Place,
    signal: AbortSignal,
  ) {
    this.#client = client
    this.#find = find
    this.#place = place
    this.#signal = signal
  }

  /** @throws ViaductError or tl.RpcError */
  async read(offset: number): Promise<Uint8Array> {
    for (;;) {
      const place = this.#place
      try {
        return await this.#ask(place, offset)
      } catch (error) {
        if (tl.RpcError.is(error, 'FILE_MIGRATE_%d')) this.#place = { ...place, dc: error.newDc }
        else if (isStale(error)) await this.#refresh(place)
        else throw error
      }
    }
  }

  async #ask({ location, dc }: Place, offset: number): Promise<Uint8Array> {
    const answer = await this.#client.call(
      { _: 'upload.getFile', location, offset, limit: PIECE_BYTES },
      {
        dcId: dc,
        kind: 'download',
        timeout: PIECE_MS,
        maxRetryCount: 3,
        floodSleepThreshold: 30_000,
        abortSignal: this.#signal,
      },
    )
    if (answer._ !== 'upload.file')
      throw new ViaductError('network_refused', 'Telegram keeps this file elsewhere.')
    return answer.bytes
  }

  /** The pieces that are read at once need one refresh together. */
  async #refresh(old: Place): Promise<void> {
    if (this.#place !== old) return
    this.#refreshing ??= (async () => {
      this.#refreshes += 1
      const place = this.#refreshes > MOST_REFRESHES ? undefined : await this.#find()
      if (place === undefined) throw gone()
      this.#place = place
    })().finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }
}

const isStale = (error: unknown) =>
  error instanceof tl.RpcError && /^FILE_REFERENCE|^FILEREF/.test(error.text)

const gone = () => new ViaductError('network_refused', 'Telegram does not have this file any more.')
