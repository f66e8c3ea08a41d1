const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that shows as exactly this, also inside a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.toWellFormed().replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)

/** Text as HTML, lines apart by `<br>`, spaces kept. */
export const textToHtml = (text: string): string =>
  escapeHtml(text)
    .replaceAll('\n', '<br>')
    .replace(/ {2,}/g, (spaces) => `${'\u00a0'.repeat(spaces.length - 1)} `)

/** Specification, "matrix.to navigation". */
export const userLink = (user: string): string => `https://matrix.to/#/${encodeURIComponent(user)}`

/** A web address or a mail address that may stand in a link; undefined for all other schemes. */
export function safeLink(link: string): string | undefined {
  const address = link.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '').trim()
  return /^(?:https?:\/\/[^/]|mailto:[^?])/i.test(address) && address.length <= 4_000 ? address : undefined
}
