/**
 * What WhatsApp does in a way that nobody outside it can be sure of, or only for some accounts. A test may change
 * them at any time; they hold for what comes after.
 */
export type LoginSwitches = {
  /**
   * The WebAuthn step that some accounts are asked for since mid-2026 (Baileys issue #2672, whatsmeow issue #1185).
   * `prologue`: after the scan, or after `companion_finish`, comes `passkey_prologue_request` and no `pair-success`.
   * `handoff`: a pairing code is answered without the phone's key, then comes the same (whatsmeow #1234).
   */
  passkey: 'off' | 'prologue' | 'handoff'
  /** Devices are told an edge routing, which they say first on their next connection. */
  edgeRouting: boolean
  /**
   * Stanzas of so many bytes and more are sent deflated; Infinity: none. A connection keeps what held when it was
   * made. Baileys 7.0.0-rc14 handles what comes behind a deflated stanza before it.
   */
  deflateFrom: number
  /** How many QR codes a companion may show on one connection. */
  qrCodes: number
}

export function defaultSwitches(): LoginSwitches {
  return { passkey: 'off', edgeRouting: false, deflateFrom: Infinity, qrCodes: 6 }
}
