/** What is told of what happens on Telegram, for counters and the log. */
export interface TelegramObserver {
  /** An attempt at a delivery has ended; `ms` from its beginning. */
  sent(send: { outcome: SentOutcome; ms: number }): void
  /** The server asks an account to wait before it does more, everywhere or in one conversation. */
  waits(wait: { scope: 'account' | 'chat'; ms: number }): void
  /** All that came while there was no connection is in the ledger; `ms` since the connection began. */
  caughtUp(ms: number): void
  /** Messages that the server did not tell as updates were fetched from history. */
  filled(gap: Gap, messages: number): void
  /** An update could not be understood; `update` is its kind. Its bytes are kept. */
  unread(update: string, error: string): void
  /** An update that could not be understood earlier was understood by this version. */
  readAgain(update: string): void
  /** A connection ended and is made again, unless the login is over. */
  ended(reason: string, text: string): void
}

export type SentOutcome = 'delivered' | 'rejected' | 'retry' | 'unknown'

/** `first`: a new login. `channel`: one channel moved by too much. `account`: the account was away for too long. */
export type Gap = 'first' | 'channel' | 'account'

const nothing = () => undefined

/** Tells nobody. */
export const SILENT: TelegramObserver = {
  sent: nothing,
  waits: nothing,
  caughtUp: nothing,
  filled: nothing,
  unread: nothing,
  readAgain: nothing,
  ended: nothing,
}
