import { saysAddress } from '../shared/links.ts'

const SHOWN_SCHEMES = /^(?:https?|ftps?|mailto|magnet|matrix|xmpp|ircs?|tel|geo|sip|gemini):/i

/** What goes behind the text of a link so that its address is not lost; nothing when the text is the address. */
export function linkText(text: string, href: string): string {
  const address = href.replace(/[\0-\x20\u2028\u2029<>]/g, (c) => encodeURIComponent(c))
  if (!SHOWN_SCHEMES.test(address)) return ''
  if (saysAddress(text.trim(), address)) return ''
  return text.trim() === '' ? address : ` <${address}>`
}
