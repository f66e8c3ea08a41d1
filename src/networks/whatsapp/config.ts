/** How WhatsApp is reached, and how much of the past is taken in. */
export type WhatsAppConfig = {
  /** What the phone shows among its linked devices. */
  deviceName: string
  /** Of what the phone sends after a first login: conversations, the newest first, and messages of each. */
  backfill: { chats: number; messages: number }
  /** Accounts that speak for people without a login in the groups that they are in: phone numbers, digits only. */
  relayAccounts?: readonly string[]
  /**
   * Another server than WhatsApp's, for tests: a websocket URL, and the root that signs its keys, in hexadecimal. How often
   * it is asked whether it is there is milliseconds.
   */
  testServer?: { url: string; root?: string; keepAliveMs?: number }
}
