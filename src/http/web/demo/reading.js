const AFTER_MS = 900
const marked = new Map()

/** Marks what is on the screen as read, a moment after it came: `mark(item)` tells the server. */
export function read(conversation, mark) {
  if (document.hidden || !conversation?.can.read) return
  const last = conversation.items.findLast(({ kind, mine }) => kind !== 'event' && !mine)
  if (last === undefined || marked.get(conversation.id) === last.id) return
  marked.set(conversation.id, last.id)
  setTimeout(() => void mark(last), AFTER_MS)
}
