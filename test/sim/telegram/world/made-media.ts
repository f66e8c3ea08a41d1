import type { TlObject } from '../contract.ts'
import type { Account } from './account.ts'
import type { Media } from './media.ts'
import { Poll, optionKey } from './poll.ts'
import type { Realm } from './realm.ts'

export type FileOptions = {
  name?: string
  mimeType?: string
  attributes?: readonly TlObject[]
  spoiler?: boolean
  ttlSeconds?: number
}

export type PollOptions = {
  question: string
  answers: readonly string[]
  publicVoters?: boolean
  multipleChoice?: boolean
  /** Index of the right answer; makes it a quiz. */
  correct?: number
  solution?: string
  closePeriod?: number
}

/** Makes what people without a client send. */
export class MadeMedia {
  private readonly realm: Realm

  constructor(realm: Realm) {
    this.realm = realm
  }

  photo(bytes: Uint8Array, { spoiler = false, ttlSeconds }: FileOptions = {}): Media {
    return { kind: 'photo', photo: this.realm.files.photo(bytes), spoiler, ttlSeconds }
  }

  file(bytes: Uint8Array, options: FileOptions = {}): Media {
    const {
      name,
      mimeType = 'application/octet-stream',
      attributes = [],
      spoiler = false,
      ttlSeconds,
    } = options
    const named = name === undefined ? [] : [{ _: 'documentAttributeFilename', file_name: name }]
    const document = this.realm.files.document({
      mimeType,
      attributes: [...attributes, ...named],
      bytes,
      thumb: undefined,
    })
    return { kind: 'document', document, spoiler, ttlSeconds }
  }

  /** @param waveform 5-bit samples, packed */
  voice(bytes: Uint8Array, duration: number, waveform = new Uint8Array(63)): Media {
    const attributes = [{ _: 'documentAttributeAudio', voice: true, duration, waveform }]
    return this.file(bytes, { mimeType: 'audio/ogg', attributes })
  }

  audio(bytes: Uint8Array, duration: number, title: string): Media {
    const attributes = [{ _: 'documentAttributeAudio', duration, title }]
    return this.file(bytes, { mimeType: 'audio/mpeg', attributes, name: `${title}.mp3` })
  }

  video(bytes: Uint8Array, { round = false, gif = false, w = 320, h = 240, duration = 1 } = {}): Media {
    const video = { _: 'documentAttributeVideo', round_message: round, nosound: gif, duration, w, h }
    const attributes = gif ? [video, { _: 'documentAttributeAnimated' }] : [video]
    return this.file(bytes, { mimeType: 'video/mp4', attributes, name: 'video.mp4' })
  }

  /** @param mimeType `image/webp`, `application/x-tgsticker` or `video/webm` */
  sticker(bytes: Uint8Array, alt: string, mimeType = 'image/webp'): Media {
    const attributes = [
      { _: 'documentAttributeImageSize', w: 512, h: 512 },
      { _: 'documentAttributeSticker', alt, stickerset: { _: 'inputStickerSetEmpty' } },
    ]
    return this.file(bytes, { mimeType, attributes, name: 'sticker.webp' })
  }

  /** A custom emoji's document id, for entities and reactions. */
  customEmoji(bytes: Uint8Array, alt: string, mimeType = 'image/webp'): bigint {
    const attributes = [
      { _: 'documentAttributeImageSize', w: 100, h: 100 },
      { _: 'documentAttributeCustomEmoji', free: true, alt, stickerset: { _: 'inputStickerSetEmpty' } },
    ]
    const fields = { mimeType, attributes, bytes, thumb: undefined }
    return this.realm.files.document(fields).id
  }

  place(lat: number, long: number): Media {
    return { kind: 'plain', tl: { _: 'messageMediaGeo', geo: geo(lat, long) } }
  }

  liveplace(lat: number, long: number, period: number): Media {
    return { kind: 'plain', tl: { _: 'messageMediaGeoLive', geo: geo(lat, long), period } }
  }

  venue(lat: number, long: number, title: string, address: string): Media {
    const texts = { title, address, provider: '', venue_id: '', venue_type: '' }
    return { kind: 'plain', tl: { _: 'messageMediaVenue', geo: geo(lat, long), ...texts } }
  }

  contact(phone: string, firstName: string, lastName = ''): Media {
    const user_id = this.realm.userByPhone(phone)?.id ?? 0n
    const names = { phone_number: phone, first_name: firstName, last_name: lastName, vcard: '' }
    return { kind: 'plain', tl: { _: 'messageMediaContact', ...names, user_id } }
  }

  /** Anything else that a message can carry, e.g. a dice or a story. */
  other(tl: TlObject): Media {
    return { kind: 'plain', tl }
  }

  poll(by: Account, options: PollOptions): Media {
    const answers = options.answers.map((text, i) => ({ text: plain(text), option: Buffer.from(String(i)) }))
    const right = options.correct === undefined ? undefined : answers[options.correct]?.option
    const poll = new Poll(this.realm.ids.long(), by, this.realm.now(), {
      question: plain(options.question),
      answers,
      publicVoters: options.publicVoters ?? true,
      multipleChoice: options.multipleChoice ?? false,
      quiz: right !== undefined,
      openAnswers: false,
      revotingDisabled: false,
      hideResults: false,
      closePeriod: options.closePeriod,
      closeDate: undefined,
      correct: new Set(right === undefined ? [] : [optionKey(right)]),
      solution: options.solution === undefined ? undefined : { text: options.solution, entities: [] },
    })
    return { kind: 'poll', poll }
  }
}

const plain = (text: string): TlObject => ({ _: 'textWithEntities', text, entities: [] })

const geo = (lat: number, long: number): TlObject => ({ _: 'geoPoint', long, lat, access_hash: 1n })
