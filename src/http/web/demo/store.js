/** What the server has told, by side: `matrix` and each network: conversations and their order. */
const parts = new Map(
  ['matrix', 'irc', 'telegram', 'whatsapp'].map((side) => [
    side,
    { conversations: new Map(), order: [], seen: new Map(), chosen: undefined },
  ]),
)

/** The sides beside Matrix. */
export const SIDES = [...parts.keys()].filter((side) => side !== 'matrix')

export const of = (side) => parts.get(side)

/** The conversation that a side shows. */
export const current = (side) => of(side).conversations.get(of(side).chosen)

/** The conversations of a side in their order. */
export const listed = (side) => of(side).order.flatMap((id) => of(side).conversations.get(id) ?? [])

/** How much there is to read in a conversation. */
const said = ({ items }) => items.filter(({ kind }) => kind !== 'event').length

export const unread = (side, conversation) =>
  Math.max(0, said(conversation) - (of(side).seen.get(conversation.id) ?? 0))

export const see = (side, conversation) => of(side).seen.set(conversation.id, said(conversation))

/** Keeps a part of the state. @returns the side and the conversation that it is about, if it is about one */
export function take(part, value) {
  const [, side, list, id] = /^(\w+)(?:(-list)| (.+))$/s.exec(part) ?? []
  const own = of(side)
  if (!own) return {}
  if (list) own.order = value
  else {
    own.conversations.set(id, value)
    if (!own.seen.has(id)) see(side, value)
  }
  return { side, id }
}

/** The side that has the conversation of a room of Alice's. */
export const sideOf = (room) => SIDES.find((side) => of(side).conversations.has(room?.twin))
