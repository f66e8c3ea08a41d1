import type { Document } from './media.ts'

export type StickerSet = {
  readonly id: bigint
  readonly title: string
  readonly shortName: string
  readonly stickers: readonly Document[]
}
