import { prepareWAMessageMedia } from '@whiskeysockets/baileys'
import type { AnyMediaMessageContent, WASocket, proto } from '@whiskeysockets/baileys'
import { ViaductError } from '../../model/errors.ts'
import type { ConnectorHost } from '../../model/network.ts'
import type { Upload } from './call.ts'
import { SILENT } from './quiet.ts'

const UPLOAD_MS = 10 * 60_000

/**
 * Encrypts a file and puts it where WhatsApp keeps files; it goes through a file on disk, not through memory.
 * @returns what a message says of it. @throws ViaductError, or the error of whoever has the bytes
 */
export async function upload(
  baileys: WASocket,
  host: ConnectorHost,
  what: Upload,
): Promise<proto.IMessage> {
  const { stream } = await host.openMedia(what.media)
  let broken: unknown
  stream.once('error', (error) => (broken = error))
  try {
    return await prepareWAMessageMedia(contentOf(what, { stream }), {
      upload: baileys.waUploadToServer,
      mediaUploadTimeoutMs: UPLOAD_MS,
      logger: SILENT,
    })
  } catch (cause) {
    if (broken !== undefined) throw broken
    throw new ViaductError('network_down', 'WhatsApp has not taken the file.', { cause })
  } finally {
    stream.on('error', () => undefined).destroy()
  }
}

type Bytes = { stream: Awaited<ReturnType<ConnectorHost['openMedia']>>['stream'] }

function contentOf(what: Upload, bytes: Bytes): AnyMediaMessageContent {
  const { media, mimeType: mimetype, fileName } = what
  const { width, height, durationMs } = media
  const size = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) }
  // What is not known is 0: else Baileys looks for it in the whole file, with programs that may not be there.
  const seconds = Math.round((durationMs ?? 0) / 1000)
  switch (what.as) {
    case 'image':
      return { image: bytes, mimetype, ...size }
    case 'video':
      return {
        video: bytes,
        mimetype,
        seconds,
        ...size,
        // A still of a video is nothing that can be made here.
        jpegThumbnail: '',
        ...(what.gif === true && { gifPlayback: true }),
        ...(what.round === true && { ptv: true }),
      }
    case 'audio':
      return {
        audio: bytes,
        mimetype,
        seconds,
        ...(what.voice && { ptt: true, waveform: what.voice.waveform ?? new Uint8Array() }),
      }
    case 'sticker':
      return { sticker: bytes, mimetype, ...size, ...(what.animated === true && { isAnimated: true }) }
    case 'document':
      return { document: bytes, mimetype, fileName }
  }
}
