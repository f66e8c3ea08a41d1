import type { proto } from '@whiskeysockets/baileys'
import type { TextContent } from '../../model/content.ts'
import { richText } from './from-text.ts'
import { lines, linked, said } from './rich.ts'
import type { Rich } from './rich.ts'
import type { View } from './view.ts'

/** The text of a message with buttons, and an attachment that stands above it. */
export type Business = { text: Rich; above?: proto.IMessage }

const clean = (text: string | null | undefined): string => (text ?? '').toWellFormed().trim()
const MOST_CHOICES = 50

/** Choices, which can be made in the app only; an answer in words does as well for most. */
const choices = (names: readonly (string | null | undefined)[]): Rich[] =>
  names
    .map(clean)
    .filter((name) => name !== '')
    .slice(0, MOST_CHOICES)
    .map((name) => said(`▸ ${name}`))

type Media = Pick<proto.IMessage, 'imageMessage' | 'videoMessage' | 'documentMessage' | 'locationMessage'>

function above(parts: Media): proto.IMessage | undefined {
  const { imageMessage, videoMessage, documentMessage, locationMessage } = parts
  if (imageMessage) return { imageMessage }
  if (videoMessage) return { videoMessage }
  if (documentMessage) return { documentMessage }
  return locationMessage ? { locationMessage } : undefined
}

const business = (pieces: readonly (Rich | undefined)[], media: Media = {}): Business => {
  const found = above(media)
  return { text: lines(pieces), ...(found && { above: found }) }
}

/** Messages of businesses, whose buttons become lines and links; undefined for others. */
export function fromBusiness(content: proto.IMessage, view: View): Business | undefined {
  const { buttonsMessage, listMessage, templateMessage, interactiveMessage, highlyStructuredMessage } =
    content
  if (buttonsMessage) {
    const { text, contentText, footerText, buttons, contextInfo } = buttonsMessage
    const names = (buttons ?? []).map((button) => button.buttonText?.displayText)
    return business(
      [
        said(clean(text)),
        richText(view, contentText, contextInfo),
        said(clean(footerText)),
        ...choices(names),
      ],
      buttonsMessage,
    )
  }
  if (listMessage) {
    const { title, description, footerText, sections, contextInfo } = listMessage
    const rows = (sections ?? []).flatMap((section) => [
      ...(clean(section.title) === '' ? [] : [said(clean(section.title))]),
      ...choices(
        (section.rows ?? []).map((row) =>
          [row.title, row.description].map(clean).filter(Boolean).join(' – '),
        ),
      ),
    ])
    return business([
      said(clean(title)),
      richText(view, description, contextInfo),
      ...rows,
      said(clean(footerText)),
    ])
  }
  const template = templateMessage ?? highlyStructuredMessage?.hydratedHsm
  if (template) return ofTemplate(template, view)
  if (interactiveMessage) return ofInteractive(interactiveMessage, view)
  return undefined
}

function ofTemplate(template: proto.Message.ITemplateMessage, view: View): Business {
  const { interactiveMessageTemplate, contextInfo } = template
  const hydrated = template.hydratedTemplate ?? template.hydratedFourRowTemplate
  if (hydrated) {
    const buttons = (hydrated.hydratedButtons ?? []).flatMap(
      ({ quickReplyButton, urlButton, callButton }) => {
        if (urlButton?.url) return [linked(clean(urlButton.displayText), urlButton.url)]
        return choices([quickReplyButton?.displayText, callButton && callWords(callButton)])
      },
    )
    return business(
      [
        said(clean(hydrated.hydratedTitleText)),
        richText(view, hydrated.hydratedContentText, contextInfo),
        said(clean(hydrated.hydratedFooterText)),
        ...buttons,
      ],
      hydrated,
    )
  }
  return interactiveMessageTemplate ? ofInteractive(interactiveMessageTemplate, view) : business([])
}

const callWords = (button: proto.HydratedTemplateButton.IHydratedCallButton): string =>
  [button.displayText, button.phoneNumber].map(clean).filter(Boolean).join(': ')

const MOST_CARDS = 10

function ofInteractive(message: proto.Message.IInteractiveMessage, view: View): Business {
  const { header, body, footer, nativeFlowMessage, carouselMessage, contextInfo } = message
  const buttons = (nativeFlowMessage?.buttons ?? []).slice(0, MOST_CHOICES).flatMap(flowButton)
  const cards = (carouselMessage?.cards ?? [])
    .slice(0, MOST_CARDS)
    .map((card) => ofInteractive(card, view).text)
  return business(
    [
      said(clean(header?.title)),
      said(clean(header?.subtitle)),
      richText(view, body?.text, contextInfo),
      said(clean(footer?.text)),
      ...buttons,
      ...cards,
    ],
    header ?? {},
  )
}

/** What a button does is written as JSON, by whoever sends it. */
function flowButton({
  buttonParamsJson,
}: proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton): Rich[] {
  const params = parsed(buttonParamsJson)
  const text = (name: string) => {
    const value: unknown = Reflect.get(params, name)
    return typeof value === 'string' ? clean(value).slice(0, 2_000) : ''
  }
  const words = text('display_text')
  const address = text('url') || text('merchant_url')
  if (address !== '') return [linked(words, address)]
  const code = text('copy_code') || text('code')
  return choices([code === '' ? words : [words, code].filter(Boolean).join(': ')])
}

function parsed(json: string | null | undefined): object {
  try {
    const value: unknown = JSON.parse(json ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** What somebody has chosen of such a message: the words on the button. */
export function fromAnswer(content: proto.IMessage): TextContent | undefined {
  const {
    buttonsResponseMessage,
    listResponseMessage,
    templateButtonReplyMessage,
    interactiveResponseMessage,
  } = content
  const { questionResponseMessage } = content
  const words = [
    buttonsResponseMessage &&
      (buttonsResponseMessage.selectedDisplayText || buttonsResponseMessage.selectedButtonId),
    listResponseMessage &&
      (listResponseMessage.title || listResponseMessage.singleSelectReply?.selectedRowId),
    templateButtonReplyMessage &&
      (templateButtonReplyMessage.selectedDisplayText || templateButtonReplyMessage.selectedId),
    interactiveResponseMessage && (interactiveResponseMessage.body?.text || 'Answered a form'),
    questionResponseMessage && questionResponseMessage.text,
  ].find((each) => typeof each === 'string')
  return words === undefined || words === null
    ? undefined
    : { kind: 'text', style: 'text', body: words.toWellFormed() }
}
