import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import type { Call, Methods } from '../call.ts'
import { documentTl } from '../render/media.ts'
import type { StickerSet } from '../sticker-set.ts'

const setTl = ({ id, title, shortName, stickers }: StickerSet): TlObject => ({
  _: 'stickerSet',
  id,
  access_hash: id,
  title,
  short_name: shortName,
  count: stickers.length,
  hash: stickers.length,
})

function getStickerSet({ args, realm, view }: Call): TlValue {
  const input = args.obj('stickerset')
  const found = [...realm.stickerSets.values()].find(({ id, shortName }) =>
    input.name === 'inputStickerSetID' ? id === input.long('id') : shortName === input.optStr('short_name'),
  )
  if (found === undefined) throw new RpcFault(400, 'STICKERSET_INVALID')
  return {
    _: 'messages.stickerSet',
    set: setTl(found),
    packs: [],
    keywords: [],
    documents: found.stickers.map((document) => documentTl(view, document)),
  }
}

const customEmoji = ({ args, realm, view }: Call): TlValue =>
  args.longs('document_id').flatMap((id) => {
    const document = realm.files.documents.get(id)
    return document === undefined ? [] : [documentTl(view, document)]
  })

const allStickers = ({ realm }: Call): TlValue => ({
  _: 'messages.allStickers',
  hash: 0n,
  sets: [...realm.stickerSets.values()].map(setTl),
})

export const stickerMethods: Methods = {
  'messages.getStickerSet': getStickerSet,
  'messages.getCustomEmojiDocuments': customEmoji,
  'messages.getAllStickers': allStickers,
  'messages.getEmojiStickers': () => ({ _: 'messages.allStickers', hash: 0n, sets: [] }),
}
