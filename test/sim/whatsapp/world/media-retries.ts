import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import type { Node } from '../contract.ts'
import { child } from '../node.ts'
import type { SimDevice } from './account.ts'
import type { Core } from './core.ts'
import { sealRetry } from './media-cipher.ts'
import type { MediaStore } from './media-store.ts'

type Kept = { readonly mediaKey: Uint8Array; readonly directPath: string }

const NOT_FOUND = '2'

/** A companion whose download failed asks its phone to upload the file again. Here the phone is the server's. */
export class MediaRetries {
  private readonly core: Core
  private readonly store: MediaStore
  private readonly kept = new Map<string, Kept>()

  constructor(core: Core, store: MediaStore) {
    this.core = core
    this.store = store
  }

  /** The phone still has the file of this message. */
  keep(messageId: string, kept: Kept): void {
    this.kept.set(messageId, kept)
  }

  /** Answers by a notification, with an error when the phone has it no more. */
  asked(from: SimDevice, receipt: Node): void {
    const { id = '' } = receipt.attrs
    const rmr = child(receipt, 'rmr')
    const attrs = { from: from.account.jid('pn'), type: 'mediaretry', id, t: String(this.core.now()) }
    const content = [...(rmr === undefined ? [] : [rmr]), this.answer(id)]
    from.mailbox.deliver({ tag: 'notification', attrs, content })
  }

  private answer(id: string): Node {
    const kept = this.kept.get(id)
    const directPath = kept === undefined ? undefined : this.store.revive(kept.directPath)
    if (kept === undefined || directPath === undefined) return { tag: 'error', attrs: { code: NOT_FOUND } }
    const { SUCCESS } = proto.MediaRetryNotification.ResultType
    const answer = proto.MediaRetryNotification.encode({ stanzaId: id, directPath, result: SUCCESS }).finish()
    const { data, iv } = sealRetry(answer, kept.mediaKey, id)
    return {
      tag: 'encrypt',
      attrs: {},
      content: [
        { tag: 'enc_p', attrs: {}, content: data },
        { tag: 'enc_iv', attrs: {}, content: iv },
      ],
    }
  }
}
