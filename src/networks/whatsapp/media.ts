import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { WASocket } from '@whiskeysockets/baileys'
import { ViaductError } from '../../model/errors.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { Accounts } from './accounts.ts'
import { Gone, download } from './download.ts'
import { refusalOf } from './ending.ts'
import { readMediaRef } from './media-ref.ts'
import type { MediaRef } from './media-ref.ts'
import type { Session } from './session.ts'

type Opened = { stream: Readable; sizeBytes?: number }

/** The sender's phone has this long to put a file back. */
const RETRY_MS = 30_000

/** Opens attachments and pictures that are with WhatsApp. */
export class MediaDoor {
  readonly #accounts: Accounts

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  /** @throws ViaductError: `network_down` for what may pass */
  async open(chat: RemoteChat, value: Record<string, unknown>): Promise<Opened> {
    const ref = readMediaRef(value)
    if (ref === undefined) throw new ViaductError('bad_event', 'This is no file of WhatsApp.')
    if (ref.of === 'picture') return this.#picture(chat, ref)
    if (ref.of === 'text') {
      const bytes = Buffer.from(ref.text)
      return { stream: Readable.from([bytes], { objectMode: false }), sizeBytes: bytes.length }
    }
    try {
      return await download(ref)
    } catch (error) {
      if (!(error instanceof Gone)) throw error
      return this.#again(chat, ref)
    }
  }

  /** WhatsApp has put the file away: a phone that has it is asked to put it back. */
  async #again(chat: RemoteChat, ref: Extract<MediaRef, { of: 'message' }>): Promise<Opened> {
    for (const { live } of this.#candidates(chat)) {
      if (live === undefined) continue
      const path = await putBack(live.baileys, ref)
      if (path === undefined) continue
      const { url: _, ...rest } = ref
      try {
        return await download({ ...rest, path, ...(ref.url !== undefined && { url: ref.url }) })
      } catch (error) {
        if (!(error instanceof Gone)) throw error
      }
    }
    throw new ViaductError('network_refused', 'WhatsApp does not have this file any more.')
  }

  async #picture(chat: RemoteChat, { jid }: Extract<MediaRef, { of: 'picture' }>): Promise<Opened> {
    const url = await this.#pictureUrl(chat, jid)
    if (url === undefined) throw new ViaductError('network_refused', 'There is no such picture.')
    const response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      throw new ViaductError('network_refused', `WhatsApp answered ${response.status} to a picture.`)
    }
    return { stream: Readable.fromWeb(response.body as ReadableStream) }
  }

  /** Not every account may see every picture. */
  async #pictureUrl(chat: RemoteChat, jid: string): Promise<string | undefined> {
    const connections = this.#candidates(chat).flatMap(({ live }) => live ?? [])
    if (connections.length === 0) throw new ViaductError('network_down', 'WhatsApp is not connected.')
    for (const { baileys } of connections) {
      try {
        const url = await baileys.profilePictureUrl(jid, 'image')
        if (url !== undefined) return url
      } catch (error) {
        const status = refusalOf(error) ?? 0
        if (![401, 403, 404].includes(status))
          throw new ViaductError('network_down', 'WhatsApp does not give the picture now.', { cause: error })
      }
    }
    return undefined
  }

  /** Accounts that may see it, whoever is in the conversation first. */
  #candidates(chat: RemoteChat): Session[] {
    const { all } = this.#accounts
    if (chat.receiver !== undefined) return all.filter(({ login }) => login.id === chat.receiver)
    const rank = ({ view }: Session) => (view.group(chat.id) === undefined ? 0 : 1)
    return all.toSorted((a, b) => rank(b) - rank(a))
  }
}

/** @returns the new path; undefined when nobody put it back in time */
async function putBack(
  baileys: WASocket,
  { type, mediaKey, key, path, url }: Extract<MediaRef, { of: 'message' }>,
): Promise<string | undefined> {
  const part = {
    mediaKey: Buffer.from(mediaKey, 'base64'),
    ...(path !== undefined && { directPath: path }),
    ...(url !== undefined && { url }),
  }
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), RETRY_MS).unref())
  const asked = baileys.updateMediaMessage({ key, message: { [`${type}Message`]: part } })
  const answer = await Promise.race([asked.catch(() => undefined), late])
  const content: unknown = answer?.message?.[`${type}Message`]
  const found: unknown =
    typeof content === 'object' && content !== null ? Reflect.get(content, 'directPath') : undefined
  return typeof found === 'string' ? found : undefined
}
