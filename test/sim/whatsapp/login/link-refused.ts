/** What the phone shows instead of a linked device. */
export type WhyRefused =
  /** the QR code, or the pairing code, is of no companion that waits */
  | 'expired'
  /** the QR code is none of WhatsApp's */
  | 'not-a-code'
  /** the typed code is not the one that the companion shows */
  | 'wrong-code'
  /** as many companions as an account may have */
  | 'too-many-devices'
  | 'no-account'
  /** the companion was asked for a passkey, and gave none */
  | 'passkey'
  /** the companion was gone, or answered what proves nothing */
  | 'companion-failed'

export class LinkRefused extends Error {
  readonly why: WhyRefused

  constructor(why: WhyRefused, options?: ErrorOptions) {
    super(`device not linked: ${why}`, options)
    this.why = why
  }
}
