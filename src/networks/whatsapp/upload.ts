import { generateWAMessageContent } from '@whiskeysockets/baileys'
import type { WASocket, proto } from '@whiskeysockets/baileys'
import { ViaductError } from '../../model/errors.ts'
import type { ConnectorHost } from '../../model/network.ts'
import type { WaCall } from './call.ts'
import { SILENT } from './quiet.ts'
import { uploadContent } from './to-upload.ts'

const UPLOAD_MS = 10 * 60_000

/**
 * Encrypts a file and puts it where WhatsApp keeps files; it goes through a file on disk that is encrypted, not through memory.
 * @returns the message. @throws ViaductError, or the error of whoever has the bytes
 */
export async function upload(
  baileys: WASocket,
  host: ConnectorHost,
  call: Extract<WaCall, { kind: 'upload' }>,
): Promise<proto.IMessage> {
  const { stream } = await host.openMedia(call.upload.media)
  let broken: unknown
  stream.once('error', (error) => (broken = error))
  try {
    return await generateWAMessageContent(uploadContent(call, { stream }), {
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
