import type { Readable } from 'node:stream'
import { ViaductError } from '../../model/errors.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { Accounts } from './accounts.ts'
import { download } from './download.ts'
import { parseChatId } from './ids.ts'
import { placeOf } from './media-place.ts'
import { readMediaRef } from './picture.ts'
import type { MediaRef } from './picture.ts'
import type { Session } from './session.ts'

/** Fetches attachments and pictures by way of an account that can see them. */
export class MediaDoor {
  readonly #accounts: Accounts

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  /** @throws ViaductError; later faults are the stream's */
  async open(
    chat: RemoteChat,
    ref: Record<string, unknown>,
  ): Promise<{ stream: Readable; sizeBytes?: number }> {
    const place = readMediaRef(ref)
    if (place === undefined) throw new ViaductError('bad_event', 'It is not known where this file is.')
    let last: unknown
    for (const session of this.#candidates(chat, place)) {
      const { live: client, view } = session
      if (client === undefined) continue
      try {
        return await download(client, () => placeOf(client, view, place))
      } catch (error) {
        last = error
      }
    }
    throw last ?? new ViaductError('network_down', 'No account that can see this file is connected.')
  }

  #candidates(chat: RemoteChat, ref: MediaRef): Session[] {
    const all = this.#accounts.all
    if (chat.receiver !== undefined) return all.filter(({ login }) => login.id === chat.receiver)
    if (ref.of === 'message' && ref.account !== undefined)
      return all.filter(({ account }) => account === ref.account)
    const parsed = parseChatId(chat.id)
    return all.toSorted((a, b) => rank(b) - rank(a))
    function rank({ view }: Session): number {
      return parsed !== undefined && view.mayBeIn(parsed) ? 1 : 0
    }
  }
}
