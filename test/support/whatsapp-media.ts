import { downloadMediaMessage, generateWAMessageContent } from '@whiskeysockets/baileys'
import type { AnyMediaMessageContent, WAMessage, proto } from '@whiskeysockets/baileys'
import { SILENT } from '../sim/whatsapp/clients/quiet.ts'
import type { Person } from './whatsapp.ts'

/** A small picture of its own would be made by programs that need not be there. */
export const STILL = { jpegThumbnail: '' }

export const photo = (text: string, caption?: string): AnyMediaMessageContent => ({
  image: Buffer.from(text),
  ...STILL,
  ...(caption !== undefined && { caption }),
})

/** Uploads a file and makes the message of it, without sending it. */
export const made = ({ socket }: Person, content: AnyMediaMessageContent): Promise<proto.IMessage> =>
  generateWAMessageContent(content, { upload: socket.waUploadToServer, logger: SILENT })

export const bytesOf = (message: WAMessage): Promise<Buffer> => downloadMediaMessage(message, 'buffer', {})
