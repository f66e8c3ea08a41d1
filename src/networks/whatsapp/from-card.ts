import type { proto } from '@whiskeysockets/baileys'
import type { ContactContent, LocationContent } from '../../model/content.ts'
import { cleanName } from './names.ts'

/** The phone numbers of a vCard, as it writes them (RFC 6350, section 6.4.1; WhatsApp adds `waid`). */
function phonesOf(vcard: string): string[] {
  const found = [...vcard.matchAll(/^(?:[\w-]+\.)?TEL(?:[;:](.*))?$/gim)].map(([line]) => {
    const value = line.slice(line.lastIndexOf(':') + 1).trim()
    return value
      .replace(/^tel:/i, '')
      .replace(/[^\d+() .-]/g, '')
      .trim()
  })
  return [...new Set(found.filter((phone) => /\d/.test(phone)))].slice(0, 20)
}

const LONGEST_CARD = 65_536

function card({ displayName, vcard }: proto.Message.IContactMessage): ContactContent['contacts'][number] {
  const text = (vcard ?? '').slice(0, LONGEST_CARD).toWellFormed()
  const phones = phonesOf(text.replace(/\r\n?/g, '\n'))
  const name = cleanName(displayName ?? '') || cleanName(/^FN[^:]*:(.*)$/im.exec(text)?.[1] ?? '')
  return { name: name || (phones[0] ?? 'Contact'), phones, ...(text !== '' && { vcard: text }) }
}

/** One contact or several; undefined when there is none. */
export function fromContacts(content: proto.IMessage): ContactContent | undefined {
  const all = content.contactMessage
    ? [content.contactMessage]
    : (content.contactsArrayMessage?.contacts ?? [])
  return all.length === 0 ? undefined : { kind: 'contact', contacts: all.map(card) }
}

const inRange = (value: number | null | undefined, most: number): value is number =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= most

/** A place, or where somebody is now; undefined for coordinates that are nowhere. */
export function fromLocation(content: proto.IMessage): LocationContent | undefined {
  const { locationMessage, liveLocationMessage } = content
  const place = locationMessage ?? liveLocationMessage
  if (!place) return undefined
  const { degreesLatitude: latitude, degreesLongitude: longitude } = place
  if (!inRange(latitude, 90) || !inRange(longitude, 180)) return undefined
  const parts = [
    locationMessage?.name,
    locationMessage?.address,
    locationMessage?.comment,
    liveLocationMessage?.caption,
  ]
  const name = parts
    .map((part) => cleanName(part ?? ''))
    .filter((part) => part !== '')
    .join(', ')
  const live = !locationMessage || locationMessage.isLive === true
  return { kind: 'location', latitude, longitude, ...(name !== '' && { name }), ...(live && { live }) }
}
