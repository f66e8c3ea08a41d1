/** What a fault does to one stanza. */
export type Effect =
  /** the connection is cut, with the stanza not handled (`before`), or handled and nothing said after (`after`) */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** swallowed; the connection goes on */
  | { readonly kind: 'lose' }
  /** handled twice, one right after the other */
  | { readonly kind: 'duplicate' }
  /** it and everything behind it in its direction come so much later */
  | { readonly kind: 'delay'; readonly ms: number }
  /** it comes right after the one behind it, whenever that is */
  | { readonly kind: 'swap' }
