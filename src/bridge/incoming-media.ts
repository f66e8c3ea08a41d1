import { Transform, pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { ViaductError } from '../model/errors.ts'
import type { MediaContent } from '../model/content.ts'
import type { MatrixUserId, MxcUri, NetworkName } from '../model/ids.ts'
import { isMediaFetcher } from '../model/network.ts'
import type { Connector, MediaFetcher } from '../model/network.ts'
import type { RemoteChat } from '../model/remote-event.ts'
import type { MatrixSide } from '../matrix/index.ts'

/** Where a file of a network is on the homeserver now, or in words why it cannot be there. */
export type Taken = { mxc: MxcUri } | { missing: string }

type FetchedMedia = Awaited<ReturnType<MediaFetcher['fetchMedia']>>

/** With the pauses of the lanes this is about half an hour; then the words go on without the file. */
const MOST_FAILURES = 35
const REMEMBERED = 1_000

/** Brings files of the networks to the homeserver as streams, each file once. */
export class IncomingMedia {
  readonly #matrix: MatrixSide
  readonly #bot: MatrixUserId
  readonly #connectors: ReadonlyMap<NetworkName, Connector>
  /** Fetches that failed one after the other, by key. What the homeserver refuses or is down for is not counted. */
  readonly #failures = new Map<string, number>()

  constructor(matrix: MatrixSide, connectors: ReadonlyMap<NetworkName, Connector>) {
    this.#matrix = matrix
    this.#bot = matrix.bot
    this.#connectors = connectors
  }

  /**
   * @param key stands for the file where its network does not name it: the same on every attempt
   * @throws ViaductError for what may pass: the delivery is to be tried again
   */
  async take(chat: RemoteChat, media: MediaContent, key: string): Promise<Taken> {
    if (media.source.at === 'matrix') return { mxc: media.source.mxc }
    const { ref } = media.source
    const known = keyOf(chat.network, ref) ?? key
    const earlier = await this.#matrix.uploaded(known)
    if (earlier) return { mxc: earlier }
    const limit = this.#matrix.mediaLimitBytes
    if (media.sizeBytes !== undefined && media.sizeBytes > limit)
      return { missing: tooLarge(media.sizeBytes, limit) }
    const connector = this.#connectors.get(chat.network)
    if (!connector || !isMediaFetcher(connector)) return { missing: 'the network has no way to fetch it' }
    try {
      const mxc = await this.#move(await connector.fetchMedia(chat, ref), media, known)
      this.#failures.delete(known)
      return { mxc }
    } catch (error) {
      if (!(error instanceof ViaductError)) throw error
      if (error.code === 'too_large') return { missing: tooLarge(media.sizeBytes, limit) }
      if (!error.retryable) return { missing: error.message }
      if (error.code === 'homeserver_down' || this.#failed(known) < MOST_FAILURES) throw error
      return { missing: error.message }
    }
  }

  /** Nothing of a file is kept here but what is on its way from one socket to the other. */
  async #move(file: FetchedMedia, media: MediaContent, key: string): Promise<MxcUri> {
    const { sizeBytes } = file
    const stream = measured(file.stream, sizeBytes)
    let broken: unknown
    stream.once('error', (error) => (broken = error))
    try {
      return await this.#matrix.upload({
        // The same file may come again from somebody else, and a place on the homeserver is for whoever took it.
        as: this.#bot,
        stream,
        contentType: media.mimeType ?? 'application/octet-stream',
        fileName: media.fileName,
        key,
        ...(sizeBytes !== undefined && { sizeBytes }),
      })
    } catch (error) {
      // A source that ends early looks like a broken request: whose fault it is decides what to do.
      if (broken instanceof ViaductError) throw broken
      if (broken === undefined) throw error
      throw new ViaductError('network_down', 'the file could not be read to its end', { cause: broken })
    }
  }

  #failed(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1
    if (this.#failures.size >= REMEMBERED) this.#failures.clear()
    this.#failures.set(key, failures)
    return failures
  }
}

/** The network's own name for the bytes: `id` in a reference is the same wherever the same file is. */
function keyOf(network: NetworkName, { of, id }: Record<string, unknown>): string | undefined {
  if (typeof id !== 'string' || id === '') return undefined
  return `remote/${network}/${typeof of === 'string' ? `${of}/` : ''}${id}`
}

/** The stream, which fails where it has another length than was said: the homeserver would wait for the rest, or refuse all. */
function measured(source: Readable, sizeBytes: number | undefined): Readable {
  let size = 0
  const wrong = () => new ViaductError('network_down', 'the file has another size than the network said')
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (sizeBytes !== undefined && size > sizeBytes) done(wrong())
      else done(null, chunk)
    },
    flush(done) {
      if (sizeBytes !== undefined && size !== sizeBytes) done(wrong())
      else done()
    },
  })
  pipeline(source, counted, () => {})
  return counted
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`

function tooLarge(sizeBytes: number | undefined, limit: number): string {
  const size = sizeBytes === undefined ? 'it' : `it has ${megabytes(sizeBytes)} and`
  return Number.isFinite(limit)
    ? `${size} is larger than the bridge takes (${megabytes(limit)})`
    : `${size} is larger than the homeserver takes`
}
