import type { Readable } from 'node:stream'
import type { BaseTelegramClient } from '@mtcute/core/client.js'
import type { tl } from '@mtcute/core'
import { randomLong } from '@mtcute/core/utils.js'
import { ViaductError } from '../../model/errors.ts'
import { sweepAfter } from '../shared/sweep.ts'
import { PART_BYTES } from './limits.ts'
import { inPieces } from './pieces.ts'

/** https://core.telegram.org/api/files: above 10 MB parts go by another method. */
const BIG_BYTES = 10 * 1024 * 1024
/** Smaller files go over the main connection, so that none has to be opened for them. */
const SMALL_BYTES = 128 * 1024
const AT_ONCE = 3
const PART_MS = 120_000

export type UploadOptions = { name: string; mostBytes: number; sizeBytes?: number; signal: AbortSignal }

/**
 * Sends a file to Telegram piece by piece; a few pieces are in memory at a time. The stream is used up in any case.
 * @returns what a message refers to it by. It is good for some hours. @throws ViaductError, tl.RpcError, or the stream's error
 */
export async function upload(
  client: BaseTelegramClient,
  stream: Readable,
  options: UploadOptions,
): Promise<tl.TypeInputFile> {
  try {
    return await parts(client, stream, options)
  } finally {
    stream.on('error', () => undefined).destroy()
  }
}

async function parts(
  client: BaseTelegramClient,
  stream: Readable,
  { name, mostBytes, sizeBytes, signal }: UploadOptions,
): Promise<tl.TypeInputFile> {
  const id = randomLong()
  const call = { timeout: PART_MS, abortSignal: signal, floodSleepThreshold: 30_000, maxRetryCount: 3 }
  const early: Buffer[] = []
  const underWay = new Set<Promise<unknown>>()
  let big = sizeBytes !== undefined && sizeBytes > BIG_BYTES
  let decided = sizeBytes !== undefined
  let count = 0
  const send = async (bytes: Buffer, at: number, total: number): Promise<void> => {
    const kind = bytes.length < SMALL_BYTES && total === 1 ? 'main' : 'upload'
    const taken = big
      ? await client.call(
          { _: 'upload.saveBigFilePart', fileId: id, filePart: at, fileTotalParts: total, bytes },
          { ...call, kind: 'upload' },
        )
      : await client.call({ _: 'upload.saveFilePart', fileId: id, filePart: at, bytes }, { ...call, kind })
    if (!taken) throw new ViaductError('network_down', 'Telegram did not take a part of the file.')
    sweepAfter(bytes.length)
  }
  const begin = async (bytes: Buffer, last: boolean): Promise<void> => {
    const at = count++
    if (at * PART_BYTES + bytes.length > mostBytes) throw tooLarge()
    const known = sizeBytes === undefined ? -1 : Math.ceil(sizeBytes / PART_BYTES)
    const sent = send(bytes, at, last ? count : known)
    underWay.add(sent)
    sent.then(() => underWay.delete(sent)).catch(() => undefined)
    if (underWay.size >= AT_ONCE || last) await (last ? Promise.all(underWay) : Promise.race(underWay))
  }
  try {
    for await (const { bytes, last } of inPieces(stream, PART_BYTES)) {
      if (decided) await begin(bytes, last)
      else {
        // Which method it is must be the same for all parts, and depends on a size that nobody has told.
        early.push(bytes)
        const sum = early.reduce((all, each) => all + each.length, 0)
        if (!last && sum <= BIG_BYTES) continue
        big = sum > BIG_BYTES
        decided = true
        const held = early.splice(0)
        for (const [index, each] of held.entries()) await begin(each, last && index === held.length - 1)
      }
    }
    await Promise.all(underWay)
  } catch (error) {
    await Promise.allSettled(underWay)
    throw error
  }
  if (count === 0)
    throw new ViaductError('bad_event', 'The file is empty, and Telegram takes no empty files.')
  return big
    ? { _: 'inputFileBig', id, parts: count, name }
    : { _: 'inputFile', id, parts: count, name, md5Checksum: '' }
}

const tooLarge = () => new ViaductError('too_large', 'This is larger than Telegram takes.')
