import { proto } from '@whiskeysockets/baileys'
import type { MessageContent } from '../../model/content.ts'
import { nameOf, cleanName } from './names.ts'
import { numberOf, timeOf } from './numbers.ts'
import type { LongLike } from './numbers.ts'
import { toUserId } from './ids.ts'
import { appOnly, lines, linked, said } from './rich.ts'
import type { Rich } from './rich.ts'
import type { View } from './view.ts'

const { MISSED } = proto.Message.CallLogMessage.CallOutcome

const clean = (text: string | null | undefined): string => (text ?? '').toWellFormed().trim()

/** An amount in thousandths, with its currency; undefined where there is none. */
function money(amount1000: LongLike, currency: string | null | undefined): string | undefined {
  const n = numberOf(amount1000)
  const name = /^[A-Za-z]{3}$/.test(currency ?? '') ? currency : undefined
  return n === undefined || n === 0 || !name ? undefined : `${(n / 1000).toFixed(2)} ${name.toUpperCase()}`
}

const moment = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/**
 * What only the app can do something with, told in words with what is known: payments, things for sale, calls, events.
 * Undefined for everything else.
 */
export function fromAppOnly(content: proto.IMessage, view: View): MessageContent | undefined {
  return sold(content) ?? paid(content, view) ?? called(content) ?? invited(content) ?? other(content)
}

function sold(content: proto.IMessage): MessageContent | undefined {
  const { productMessage, orderMessage, invoiceMessage } = content
  if (productMessage) {
    const { product, body, footer } = productMessage
    const price = money(product?.salePriceAmount1000 ?? product?.priceAmount1000, product?.currencyCode)
    const details = lines([
      said(clean(body)),
      said([clean(product?.title), price].filter(Boolean).join(' – ')),
      said(clean(product?.description)),
      product?.url ? linked('', product.url) : undefined,
      said(clean(footer)),
    ])
    return appOnly('product', 'A product from a catalogue.', details)
  }
  if (orderMessage) {
    const total = money(orderMessage.totalAmount1000, orderMessage.totalCurrencyCode)
    const count = orderMessage.itemCount ?? 0
    const details = lines([
      said([clean(orderMessage.orderTitle), total].filter(Boolean).join(' – ')),
      said(clean(orderMessage.message)),
    ])
    return appOnly(
      'order',
      count > 0 ? `An order of ${count} ${count === 1 ? 'item' : 'items'}.` : 'An order.',
      details,
    )
  }
  return invoiceMessage ? appOnly('invoice', 'An invoice.', said(clean(invoiceMessage.note))) : undefined
}

const noteOf = (note: proto.IMessage | null | undefined): Rich =>
  said(clean(note?.conversation ?? note?.extendedTextMessage?.text))

function paid(content: proto.IMessage, view: View): MessageContent | undefined {
  const { sendPaymentMessage, requestPaymentMessage } = content
  if (sendPaymentMessage) return appOnly('payment', 'A payment.', noteOf(sendPaymentMessage.noteMessage))
  if (requestPaymentMessage) {
    const amount = money(requestPaymentMessage.amount1000, requestPaymentMessage.currencyCodeIso4217)
    const from = toUserId(requestPaymentMessage.requestFrom)
    const words = `A payment${amount === undefined ? '' : ` of ${amount}`} was asked for`
    const whom = from === undefined ? '' : ` from ${nameOf(view, from)}`
    return appOnly('payment', `${words}${whom}.`, noteOf(requestPaymentMessage.noteMessage))
  }
  if (content.declinePaymentRequestMessage) return appOnly('payment', 'A request for a payment was declined.')
  if (content.cancelPaymentRequestMessage) return appOnly('payment', 'A request for a payment was cancelled.')
  return content.paymentInviteMessage ? appOnly('payment', 'An invitation to payments.') : undefined
}

function called(content: proto.IMessage): MessageContent | undefined {
  const { callLogMesssage, scheduledCallCreationMessage, bcallMessage } = content
  if (content.call) return { kind: 'unsupported', what: 'call', text: 'A call. Open WhatsApp to answer it.' }
  if (callLogMesssage) {
    const kind = callLogMesssage.isVideo === true ? 'video call' : 'voice call'
    const seconds = numberOf(callLogMesssage.durationSecs) ?? 0
    const long = seconds > 0 ? `, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` : ''
    const text = `${callLogMesssage.callOutcome === MISSED ? 'A missed' : 'A'} ${kind}${long}. Open WhatsApp to call.`
    return { kind: 'unsupported', what: 'call', text }
  }
  if (scheduledCallCreationMessage) {
    const { title, scheduledTimestampMs } = scheduledCallCreationMessage
    const at = numberOf(scheduledTimestampMs)
    const when = at === undefined || at <= 0 || at > 8.64e15 ? undefined : said(moment(new Date(at)))
    return appOnly('call', 'A call is planned.', lines([said(clean(title)), when]))
  }
  return bcallMessage ? appOnly('call', 'A broadcast call.', said(clean(bcallMessage.caption))) : undefined
}

function invited(content: proto.IMessage): MessageContent | undefined {
  const { groupInviteMessage, newsletterAdminInviteMessage, newsletterFollowerInviteMessageV2 } = content
  if (groupInviteMessage) {
    const { groupName, caption, inviteCode } = groupInviteMessage
    const address = /^[\w-]{1,64}$/.test(inviteCode ?? '') ? `https://chat.whatsapp.com/${inviteCode}` : ''
    const name = cleanName(groupName ?? '') || 'a group'
    const words = `Invitation to ${name}`
    return {
      kind: 'text',
      style: 'text',
      ...lines([said(clean(caption)), address === '' ? said(words) : linked(words, address)]),
    }
  }
  const channel = newsletterAdminInviteMessage ?? newsletterFollowerInviteMessageV2
  if (!channel) return undefined
  const name = cleanName(channel.newsletterName ?? '')
  const admin = newsletterAdminInviteMessage ? 'An invitation to administer' : 'An invitation to'
  return appOnly(
    'invitation',
    `${admin} the channel ${name}.`.replace(' .', '.'),
    said(clean(channel.caption)),
  )
}

function other(content: proto.IMessage): MessageContent | undefined {
  const { eventMessage, stickerPackMessage, pollResultSnapshotMessage, pollResultSnapshotMessageV3 } = content
  if (eventMessage) {
    const start = numberOf(eventMessage.startTime)
    const end = numberOf(eventMessage.endTime)
    const now = new Date(0)
    const times = [start, end].flatMap((time) => (time ? [moment(timeOf(time, now))] : []))
    const place = [eventMessage.location?.name, eventMessage.location?.address].map(clean).filter(Boolean)
    const details = lines([
      said(`📅 ${clean(eventMessage.name)}`),
      said(times.join(' – ')),
      said(place.join(', ')),
      said(clean(eventMessage.description)),
      eventMessage.joinLink ? linked('', eventMessage.joinLink) : undefined,
    ])
    const words = eventMessage.isCanceled === true ? 'The event was cancelled.' : 'An event.'
    return appOnly('event', words, details)
  }
  if (content.encEventResponseMessage) return appOnly('event-answer', 'An answer to an event.')
  if (stickerPackMessage) {
    return appOnly('sticker-pack', 'A pack of stickers.', said(clean(stickerPackMessage.name)))
  }
  const snapshot = pollResultSnapshotMessage ?? pollResultSnapshotMessageV3
  if (snapshot) {
    const votes = (snapshot.pollVotes ?? []).map(({ optionName, optionVoteCount }) =>
      said(`${clean(optionName)}: ${numberOf(optionVoteCount) ?? 0}`),
    )
    return { kind: 'text', style: 'text', ...lines([said(`📊 ${clean(snapshot.name)}`), ...votes]) }
  }
  if (content.encReactionMessage) return appOnly('reaction', 'A reaction.')
  if (content.commentMessage || content.encCommentMessage) return appOnly('comment', 'A comment.')
  if (content.placeholderMessage)
    return appOnly('phone-only', 'A message that WhatsApp shows on the phone only.')
  if (content.requestPhoneNumberMessage) return appOnly('phone-number', 'Your phone number was asked for.')
  if (content.secretEncryptedMessage) return appOnly('change', 'A change of an earlier message.')
  return undefined
}
