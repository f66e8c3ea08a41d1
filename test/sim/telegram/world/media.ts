import type { TlObject } from '../contract.ts'
import type { Poll } from './poll.ts'

export type Photo = {
  readonly id: bigint
  readonly date: number
  readonly width: number
  readonly height: number
  readonly bytes: Uint8Array
}

export type Document = {
  readonly id: bigint
  readonly date: number
  readonly mimeType: string
  readonly attributes: readonly TlObject[]
  readonly bytes: Uint8Array
  readonly thumb: Photo | undefined
}

/** What a message carries beside its text. */
export type Media =
  | { kind: 'photo'; photo: Photo; spoiler: boolean; ttlSeconds: number | undefined }
  | { kind: 'document'; document: Document; spoiler: boolean; ttlSeconds: number | undefined }
  | { kind: 'poll'; poll: Poll }
  /** Places, contacts, dice, previews: the same object for every viewer. */
  | { kind: 'plain'; tl: TlObject }

const attribute = (document: Document, name: string): TlObject | undefined =>
  document.attributes.find((found) => found._ === name)

export const isVoice = (document: Document): boolean =>
  attribute(document, 'documentAttributeAudio')?.['voice'] === true

export const isRound = (document: Document): boolean =>
  attribute(document, 'documentAttributeVideo')?.['round_message'] === true

export const isVideo = (document: Document): boolean =>
  attribute(document, 'documentAttributeVideo') !== undefined &&
  attribute(document, 'documentAttributeAnimated') === undefined

export const isAudio = (document: Document): boolean =>
  attribute(document, 'documentAttributeAudio') !== undefined

export const isSticker = (document: Document): boolean =>
  attribute(document, 'documentAttributeSticker') !== undefined

export const isGif = (document: Document): boolean =>
  attribute(document, 'documentAttributeAnimated') !== undefined
