/** What the faults do to one line of one client. */
export type Effects = {
  drop?: { when: 'before' | 'after'; how: 'drop' | 'reset' }
  echo?: 'never' | 'truncate' | 'alter'
  label?: 'missing'
  /** the answer comes after the answer to the next PING */
  hold?: 'fence'
  refuse?: { numeric: string; text: string }
  /** the message is accepted, and 401 comes this much later */
  late401Ms?: number
}

export const NO_EFFECTS: Effects = {}

/** Which lines a fault is for. */
export type Scope = {
  /** default: every client's */
  nick?: string
  /** the first line meant, counted per fault from when it was set; default 1 */
  from?: number
  /** how many lines, default all */
  count?: number
  /** default PRIVMSG, which means multiline messages too */
  command?: string
}
