/** How the bridge uses Telegram. */
export type TelegramConfig = {
  /** From https://my.telegram.org: which application this is. */
  apiId: number
  apiHash: string
  /** What is fetched after a first login: conversations with the newest messages, and messages of each. */
  backfill: { chats: number; messages: number }
  /** Messages fetched at most to fill the gap of one conversation. */
  gapMessages: number
  /** Messages of each recent conversation whose reactions and polls are read again after an absence. */
  recheckMessages: number
  /** Account ids of bots (the part of the token before the colon) that may speak for people without a login. */
  relayBots: number[]
  /** Another server than Telegram's, for tests and the demo. */
  testServer?: { host: string; port: number; publicKey: string }
}
