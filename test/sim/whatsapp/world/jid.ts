/** An address taken apart: `222:3@s.whatsapp.net` is user 222, device 3. Groups and servers have device 0. */
export type Jid = { readonly user: string; readonly server: string; readonly device: number }

/** `pn` shows people under phone numbers, `lid` under the ids that hide them. */
export type Addressing = 'pn' | 'lid'

/** The service itself: a user of no name. */
export const SERVICE = '@s.whatsapp.net'
export const PN_SERVER = 's.whatsapp.net'
export const LID_SERVER = 'lid'
export const GROUP_SERVER = 'g.us'
export const NEWSLETTER_SERVER = 'newsletter'
export const STATUS = 'status@broadcast'

/** Undefined when there is no `@`. An agent (`222_1`) is dropped. */
export function parseJid(text: string | undefined): Jid | undefined {
  const found = /^(?:(\w[\w.-]*?)(?:_\d+)?(?::(\d+))?)?@([\w.]+)$/.exec(text ?? '')
  if (found?.[3] === undefined) return undefined
  return { user: found[1] ?? '', server: found[3], device: Number(found[2] ?? 0) }
}

/** Device 0 is not written. */
export function formatJid(user: string, server: string, device = 0): string {
  return device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`
}

/** Without the device; what is no address stays as it is. */
export function bareJid(text: string): string {
  const jid = parseJid(text)
  return jid === undefined ? text : formatJid(jid.user, jid.server)
}

/** How an address of a person is written; `pn` for what is none. */
export function addressingOf(text: string | undefined): Addressing {
  return parseJid(text)?.server === LID_SERVER ? 'lid' : 'pn'
}

export const other = (form: Addressing): Addressing => (form === 'pn' ? 'lid' : 'pn')

export const isServer = (text: string | undefined, server: string): boolean =>
  parseJid(text)?.server === server
