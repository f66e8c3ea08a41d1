import type { tl } from '@mtcute/core'
import { ViaductError } from '../../model/errors.ts'
import type { Upload } from './call.ts'
import { largestFileBytes } from './limits.ts'
import type { Session } from './session.ts'
import { asDocument, isPhoto } from './to-upload.ts'
import { upload as sendUp } from './upload.ts'

/** Brings an attachment from the homeserver to Telegram. @throws ViaductError, tl.RpcError */
export async function uploaded(
  session: Session,
  wanted: Upload,
  signal: AbortSignal,
): Promise<tl.TypeInputMedia> {
  const { file, what } = await bytesUp(session, wanted, signal)
  const spoiler = what.spoiler === true ? { spoiler: true } : {}
  if (what.as === 'photo') return { _: 'inputMediaUploadedPhoto', file, ...spoiler }
  return {
    _: 'inputMediaUploadedDocument',
    file,
    mimeType: what.mimeType,
    attributes: what.attributes,
    ...spoiler,
    ...(what.forceFile === true && { forceFile: true }),
    ...(what.nosoundVideo === true && { nosoundVideo: true }),
  }
}

/** A picture for a conversation. @throws ViaductError, tl.RpcError */
export async function uploadedPicture(
  session: Session,
  wanted: Upload,
  signal: AbortSignal,
): Promise<tl.RawInputChatUploadedPhoto> {
  const { file } = await bytesUp(session, wanted, signal)
  return { _: 'inputChatUploadedPhoto', file }
}

async function bytesUp(
  session: Session,
  wanted: Upload,
  signal: AbortSignal,
): Promise<{ file: tl.TypeInputFile; what: Upload }> {
  const client = session.live
  if (client === undefined) throw new ViaductError('network_down', 'Telegram is not connected.')
  const { stream, sizeBytes } = await session.host.openMedia(wanted.media)
  const most = largestFileBytes(session.view.user(session.account)?.premium === true)
  if (sizeBytes !== undefined && sizeBytes > most) {
    stream.on('error', () => undefined).destroy()
    throw new ViaductError('too_large', `Telegram takes files of up to ${Math.round(most / 2 ** 20)} MB.`)
  }
  const what = isPhoto(wanted, sizeBytes ?? 0) ? wanted : asDocument(wanted)
  const file = await sendUp(client, stream, {
    name: what.fileName,
    mostBytes: most,
    signal,
    ...(sizeBytes !== undefined && { sizeBytes }),
  })
  return { file, what }
}
