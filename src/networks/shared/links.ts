/** The Matrix user that a link is a mention of: a matrix.to link or a `matrix:` URI to a user and nothing else. */
export function userOfLink(href: string): string | undefined {
  const [, to] = /^https?:\/\/matrix\.to\/#\/([^/?]+)(?:\?.*)?$/i.exec(href) ?? []
  const [, uri] = /^matrix:u\/([^/?]+)(?:\?.*)?$/i.exec(href) ?? []
  const user = decoded(to ?? (uri === undefined ? '' : `@${uri}`))
  return /^@[^:]*:.+$/s.test(user) ? user : undefined
}

/** Whether a text says the address of a link already, without what people leave out when they say one. */
export const saysAddress = (text: string, address: string): boolean => bare(text) === bare(address)

const bare = (address: string): string =>
  decoded(address)
    .replace(/^(?:https?:\/\/|mailto:|tel:)/i, '')
    .replace(/\/$/, '')

/** With percent signs resolved; as it is where they stand for nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
