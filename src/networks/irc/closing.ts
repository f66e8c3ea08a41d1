/**
 * Why a connection ended, as far as it decides what comes next: `lost` connects again soon, `throttled` later, `blocked`
 * hourly at most, `bad_credentials` not before somebody mends them, `requested` never by itself.
 */
export type Closing = {
  kind: 'lost' | 'throttled' | 'blocked' | 'bad_credentials' | 'requested'
  text: string
  /** The next connection is made without a pause. */
  atOnce?: boolean
}

const BLOCKED = /\b[kgzd]-?lined?\b|\bbanned\b|\bakill|\bnot authori[sz]ed\b|\bblacklist|\bdnsbl\b/i
const THROTTLED =
  /throttl|too fast|too many (?:host |user )?connections|reconnect(?:ing)? too|clone|excess flood/i

/** Whether the server says that it was written to too fast. */
export const isFlood = ({ text }: Closing) => /excess flood/i.test(text)

/** Reads the text of an ERROR. */
export function readClosing(text: string): Closing {
  if (BLOCKED.test(text)) return { kind: 'blocked', text }
  return { kind: THROTTLED.test(text) ? 'throttled' : 'lost', text }
}
