import type { LoginId } from '../../model/ids.ts'
import type { LoginState } from '../../model/login.ts'

/** What is told of what happens on WhatsApp, for counters and the log. */
export interface WhatsAppObserver {
  /** An attempt at a delivery has ended; `ms` from its beginning. */
  sent(send: { outcome: SentOutcome; ms: number }): void
  /** A connection ended and is made again, unless the login is over. `restart`: WhatsApp wanted it so. */
  ended(reason: LoginState | 'restart', text: string): void
  /** So many messages were opened by an earlier connection that could not hand them over; they are handed over now. */
  replayed(messages: number): void
  /** So much of what has come for an account is not in the ledger yet; messages of it are in the journal. */
  waiting(login: LoginId, jobs: number): void
  /** What became of a message that could not be opened. */
  undecrypted(what: Undecrypted): void
  /** Somebody's device could not open what was sent, and asks for it again. */
  askedAgain(): void
  /** What a device asked for again is not kept any more. */
  notKept(): void
  /** Something that came was not understood; its room says so. */
  unread(error: string): void
}

export type SentOutcome = 'delivered' | 'rejected' | 'retry' | 'unknown'

/** `asked`: its sender is asked for it again. `opened`: it came. `given_up`: it did not, and the room says so. */
export type Undecrypted = 'asked' | 'opened' | 'given_up'

const nothing = () => undefined

/** Tells nobody. */
export const UNOBSERVED: WhatsAppObserver = {
  sent: nothing,
  ended: nothing,
  replayed: nothing,
  waiting: nothing,
  undecrypted: nothing,
  askedAgain: nothing,
  notKept: nothing,
  unread: nothing,
}
