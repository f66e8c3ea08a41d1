import { randomBytes } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import type { MediaContent } from '../model/content.ts'
import type { Linked, LinkSigner } from '../model/signed-link.ts'
import type { Database } from '../store/db.ts'
import { insertPaste } from '../store/paste.ts'

/** `mxc://server/media-id`, by the grammar of the specification; nothing else is ever fetched. */
const MXC = /^mxc:\/\/([A-Za-z0-9.:[\]-]+)\/([A-Za-z0-9_-]+)$/

const NOT_IN_URL = /[^A-Za-z0-9._-]+/g

export type LinksDeps = {
  db: Database
  clock: Clock
  signer: LinkSigner
  /** Where people of the networks reach the media proxy; without it there are no links. */
  publicUrl: string | undefined
  expiryMs: number
}

/** Links for networks without attachments: to a file on the homeserver, or to a text too long for a message. */
export class Links {
  readonly #deps: LinksDeps

  constructor(deps: LinksDeps) {
    this.#deps = deps
  }

  media(content: MediaContent): string | undefined {
    if (content.source.at !== 'matrix' || content.source.file || !MXC.test(content.source.mxc))
      return undefined
    return this.#link('media', content.source.mxc, content.fileName)
  }

  async text(body: string): Promise<string | undefined> {
    if (this.#deps.publicUrl === undefined) return undefined
    const id = randomBytes(16).toString('base64url')
    await insertPaste(this.#deps.db, id, body)
    return this.#link('text', id, 'message.txt')
  }

  #link(kind: Linked['kind'], id: string, name: string): string | undefined {
    const { publicUrl, signer, clock, expiryMs } = this.#deps
    if (publicUrl === undefined) return undefined
    const token = signer.sign({ kind, id, expiresAt: new Date(clock.now().getTime() + expiryMs) })
    const shown = name.replace(NOT_IN_URL, '_').slice(-60) || 'file'
    return `${publicUrl.replace(/\/$/, '')}/media/${token}/${shown}`
  }
}
