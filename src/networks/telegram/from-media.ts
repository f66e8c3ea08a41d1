import type { tl } from '@mtcute/core'
import type { MediaContent, MessageContent } from '../../model/content.ts'
import { documentFacts, photoFacts } from './from-file.ts'
import type { FileFacts } from './from-file.ts'
import { fromPoll } from './from-poll.ts'
import { textToHtml } from '../shared/html.ts'
import { toChatId } from './ids.ts'
import type { TgChat, TgMessage } from './ids.ts'
import { cleanName, nameOf, namesOf } from './names.ts'
import { chatOfPeer, senderOfPeer } from './peer.ts'
import { remoteSource } from './picture.ts'
import { lines, said } from './rich.ts'
import type { Rich } from './rich.ts'
import { moment } from './times.ts'
import type { View } from './view.ts'

/** Where an attachment was seen, so that it can be fetched later. */
export type Place = { chat: TgChat; message: TgMessage }

const OPEN_APP = 'Open the Telegram app for it.'

/** Words for what only Telegram can show. */
export function appOnly(what: string, sentence: string, caption: Rich = said('')): MessageContent {
  const { body, html } = lines([said(`${sentence} ${OPEN_APP}`), caption])
  return { kind: 'unsupported', what, text: body, ...(html !== undefined && { html }) }
}

const text = (rich: Rich): MessageContent => ({ kind: 'text', style: 'text', ...rich })

/**
 * What a message consists of besides its text, with the text as `caption`. Undefined when there is no attachment: a
 * preview of a link is none.
 */
export function fromMedia(
  media: tl.TypeMessageMedia | undefined,
  caption: Rich,
  place: Place,
  view: View,
): MessageContent | undefined {
  switch (media?._) {
    case undefined:
    case 'messageMediaEmpty':
    case 'messageMediaWebPage':
      return undefined
    case 'messageMediaPhoto': {
      if (media.ttlSeconds !== undefined) return viewOnce('photo', caption)
      const facts = photoFacts(media.photo)
      if (facts === undefined) return appOnly('photo', 'A photo that is gone.', caption)
      return file(facts, media.spoiler, caption, place)
    }
    case 'messageMediaDocument': {
      const facts = documentFacts(media.document)
      if (media.ttlSeconds !== undefined) return viewOnce(onceWord(media, facts), caption)
      if (facts === undefined) return appOnly('file', 'A file that is gone.', caption)
      return file(facts, media.spoiler, caption, place)
    }
    case 'messageMediaGeo':
      return location(media.geo, caption)
    case 'messageMediaGeoLive':
      // Whoever stops sharing it sets its time to nothing.
      if (media.period === 0) return location(media.geo, caption, { ended: true })
      return location(media.geo, caption, { live: true, liveForMs: media.period * 1000 })
    case 'messageMediaVenue': {
      const name = [media.title, media.address].filter((part) => part !== '').join(', ')
      return location(media.geo, caption, name === '' ? {} : { name })
    }
    case 'messageMediaContact': {
      const name = cleanName([media.firstName, media.lastName].join(' '))
      const phones = media.phoneNumber === '' ? [] : [phone(media.phoneNumber)]
      const card = media.vcard === '' ? {} : { vcard: media.vcard }
      return {
        kind: 'contact',
        contacts: [{ name: name === '' ? (phones[0] ?? 'Contact') : name, phones, ...card }],
      }
    }
    case 'messageMediaPoll':
      return fromPoll(media, view)
    case 'messageMediaDice':
      return text(lines([said(`${media.emoticon} ${media.value}`), caption]))
    case 'messageMediaToDo':
      return text(lines([todo(media), caption]))
    case 'messageMediaGame':
      return appOnly(
        'game',
        `The game “${media.game.title}”.`,
        lines([said(media.game.description), caption]),
      )
    case 'messageMediaInvoice':
      return appOnly(
        'invoice',
        `${media.receiptMsgId === undefined ? 'An invoice' : 'A receipt'} for “${media.title}”: ${price(media.totalAmount.toNumber(), media.currency)}.`,
        lines([said(media.description), caption]),
      )
    case 'messageMediaStory': {
      const sender = senderOfPeer(media.peer)
      const whose = sender === undefined ? '' : ` of ${nameOf(view, sender)}`
      return appOnly(
        'story',
        media.viaMention === true ? `A story${whose} that mentions you.` : `A story${whose}.`,
        caption,
      )
    }
    case 'messageMediaGiveaway': {
      const prize = media.prizeDescription ?? 'a prize'
      const sentence = `A giveaway of ${media.quantity} × ${prize}, until ${moment(media.untilDate)}.`
      return appOnly('giveaway', sentence, caption)
    }
    case 'messageMediaGiveawayResults': {
      const winners = media.winners.map((id) => id.toNumber())
      const named = winners.length === 0 ? '' : `: ${namesOf(view, winners)}`
      return appOnly('giveaway', `A giveaway has ${media.winnersCount} winners${named}.`, caption)
    }
    case 'messageMediaPaidMedia': {
      const count = media.extendedMedia.length
      const what = count === 1 ? 'A photo or video' : `${count} photos and videos`
      return appOnly('paid media', `${what} for ${media.starsAmount.toString()} stars.`, caption)
    }
    case 'messageMediaVideoStream':
      return appOnly('video stream', 'A video stream.', caption)
    case 'messageMediaUnsupported':
      return appOnly('message', 'A message of a kind that is newer than this bridge.', caption)
    default:
      return appOnly('message', 'A message of a kind that the bridge does not know.', caption)
  }
}

const phone = (number: string): string => (/^\d{7,}$/.test(number) ? `+${number}` : number)

/** Amounts are in the smallest unit of the currency, mostly a hundredth; stars (`XTR`) have none. */
function price(amount: number, currency: string): string {
  if (currency === 'XTR') return `${amount} stars`
  const whole = ['JPY', 'KRW', 'VND', 'CLP', 'ISK', 'PYG', 'UGX'].includes(currency)
  return `${whole ? amount : (amount / 100).toFixed(2)} ${currency}`
}

function viewOnce(what: string, caption: Rich): MessageContent {
  return appOnly('view once', `A ${what} that can be seen once only.`, caption)
}

const onceWord = (media: tl.RawMessageMediaDocument, facts: FileFacts | undefined): string => {
  if (media.voice === true || facts?.media === 'voice') return 'voice message'
  return media.round === true ? 'video message' : (facts?.media ?? 'file')
}

function file(facts: FileFacts, spoiler: boolean | undefined, caption: Rich, place: Place): MediaContent {
  const { id, ...rest } = facts
  const { mentions, ...words } = caption
  return {
    kind: 'media',
    ...rest,
    source: remoteSource({ of: 'message', chat: toChatId(place.chat), ...place.message, id }),
    ...(words.body !== '' && { caption: words }),
    ...(mentions !== undefined && { mentions }),
    ...(spoiler === true && { spoiler: true }),
  }
}

function location(
  geo: tl.TypeGeoPoint,
  caption: Rich,
  more: { name?: string; live?: boolean; liveForMs?: number; ended?: boolean } = {},
): MessageContent {
  if (geo._ !== 'geoPoint') return appOnly('location', 'A location that is not known yet.', caption)
  const forever = more.liveForMs !== undefined && more.liveForMs > 1e11
  const { liveForMs: _, ...timeless } = more
  return { kind: 'location', latitude: geo.lat, longitude: geo.long, ...(forever ? timeless : more) }
}

/** A checklist as lines, with a mark before what is done. */
function todo({ todo: list, completions }: tl.RawMessageMediaToDo): Rich {
  const done = new Set(completions?.map((each) => each.id))
  const items = list.list.map((item) => `${done.has(item.id) ? '☑' : '☐'} ${item.title.text}`)
  const title = list.title.text
  return {
    body: [title, ...items].join('\n'),
    html: [`<strong>${textToHtml(title)}</strong>`, ...items.map((item) => textToHtml(item))].join('<br>'),
  }
}

/** What tells one attachment from another, for `hashOf`. Numbers of views and votes are no part of it. */
export function mediaKey(media: tl.TypeMessageMedia | undefined): unknown {
  if (media === undefined) return null
  switch (media._) {
    case 'messageMediaEmpty':
    case 'messageMediaWebPage':
      return null
    case 'messageMediaPhoto':
      return [media._, media.photo?.id.toString(), media.spoiler === true, media.ttlSeconds]
    case 'messageMediaDocument':
      return [media._, media.document?.id.toString(), media.spoiler === true, media.ttlSeconds]
    case 'messageMediaGeo':
      return [media._, point(media.geo)]
    case 'messageMediaGeoLive':
      return [media._, point(media.geo), media.heading, media.period]
    case 'messageMediaVenue':
      return [media._, point(media.geo), media.title, media.address]
    case 'messageMediaPoll':
      return [media._, media.poll.id.toString()]
    case 'messageMediaToDo':
      return [media._, todo(media).body]
    case 'messageMediaInvoice':
      return [media._, media.title, media.description, media.receiptMsgId]
    case 'messageMediaStory':
      return [media._, chatOfPeer(media.peer), media.id]
    case 'messageMediaDice':
      return [media._, media.emoticon, media.value]
    case 'messageMediaContact':
      return [media._, media.firstName, media.lastName, media.phoneNumber]
    default:
      return [media._]
  }
}

const point = (geo: tl.TypeGeoPoint): unknown => (geo._ === 'geoPoint' ? [geo.lat, geo.long] : null)
