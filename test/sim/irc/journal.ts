/** One line that the server processed. */
export type JournalEntry = {
  at: Date
  /** of the sender, before the line: `*` until it has one */
  nick: string
  user: string
  /** with its tags, as processed */
  line: string
  connection: number
}
