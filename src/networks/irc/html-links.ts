const SHOWN_SCHEMES = /^(?:https?|ftps?|mailto|magnet|matrix|xmpp|ircs?|tel|geo|sip|gemini):/i

/** The Matrix user that a link is a mention of: a matrix.to link or a `matrix:` URI to a user and nothing else. */
export function userOfLink(href: string): string | undefined {
  const [, to] = /^https?:\/\/matrix\.to\/#\/([^/?]+)(?:\?.*)?$/i.exec(href) ?? []
  const [, uri] = /^matrix:u\/([^/?]+)(?:\?.*)?$/i.exec(href) ?? []
  const user = decode(to ?? (uri === undefined ? '' : `@${uri}`))
  return /^@[^:]*:.+$/s.test(user) ? user : undefined
}

/** What goes behind the text of a link so that its address is not lost; nothing when the text is the address. */
export function linkText(text: string, href: string): string {
  const address = href.replace(/[\0-\x20\u2028\u2029<>]/g, (c) => encodeURIComponent(c))
  if (!SHOWN_SCHEMES.test(address)) return ''
  const said = bare(text.trim())
  if (said === bare(address) || said === bare(decode(address))) return ''
  return text.trim() === '' ? address : ` <${address}>`
}

/** An address without what people leave out when they say it. */
function bare(address: string): string {
  return address.replace(/^(?:https?:\/\/|mailto:|tel:)/i, '').replace(/\/$/, '')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
