import { z } from 'zod'
import { htmlToIrc } from '../networks/irc/format.ts'
import { action, Unable } from './action.ts'
import type { Action } from './action.ts'
import { IRC_PLACES } from './board.ts'
import type { Board, IrcPlace } from './board.ts'
import type { IrcItem } from './irc-view.ts'
import { fromMarkup } from './markup.ts'
import { NICKS } from './people.ts'
import type { Nick, People } from './people.ts'

const LONGEST_TEXT = 4_000
const place = z.string()
const item = z.string()
const nick = z.enum(NICKS)
const text = z.string().trim().min(1).max(LONGEST_TEXT)

function at(board: Board, id: string): { people: People; where: IrcPlace } {
  const where = IRC_PLACES.find((each) => each.id === id)
  if (where === undefined) throw new Unable('There is no such conversation on IRC.')
  return { people: board.people(where.network), where }
}

function itemOf(people: People, id: string): IrcItem {
  const found = people.view.find(id)
  if (found === undefined) throw new Unable('That line is not there any more.')
  return found
}

/** The message behind a line, for what can only be done to lines with an id. */
function msgidOf(people: People, id: string): string {
  const { msgid } = itemOf(people, id)
  if (msgid === undefined)
    throw new Unable('This server gives lines no ids, so IRC clients cannot refer to them.')
  return msgid
}

/** What somebody writes on IRC; the marks of the page become the codes of IRC. */
export function say(
  board: Board,
  input: { place: string; nick: Nick; text: string; replyTo?: string | undefined },
): void {
  const { people, where } = at(board, input.place)
  const target = input.replyTo === undefined ? undefined : itemOf(people, input.replyTo)
  const action = /^\/me\s+([^\n]+)/.exec(input.text)
  if (input.text.startsWith('/') && !action) throw new Unable('The only command here is /me.')
  const words = coded(action?.[1] ?? input.text)
  const reply = target && { msgid: target.msgid, from: target.from }
  people.say(input.nick, where.target, action ? `\u0001ACTION ${words}\u0001` : words, reply)
}

function coded(words: string): string {
  const { body, html } = fromMarkup(words)
  return html === undefined ? body : htmlToIrc(html, { mention: () => undefined })
}

export const ircActions: Readonly<Record<string, Action>> = {
  'irc/say': action(z.object({ place, nick, text, replyTo: item.optional() }), async (board, input) =>
    say(board, input),
  ),
  'irc/react': action(
    z.object({ place, nick, item, key: z.string().min(1).max(40) }),
    async (board, input) => {
      const { people, where } = at(board, input.place)
      const msgid = msgidOf(people, input.item)
      const reactions = itemOf(people, input.item).reactions
      const again = reactions.some(({ key, by }) => key === input.key && by.includes(input.nick))
      if (again) people.client(input.nick).unreact(where.target, msgid, input.key)
      else people.client(input.nick).react(where.target, msgid, input.key)
    },
  ),
  'irc/redact': action(z.object({ place, nick, item }), async (board, input) => {
    const { people, where } = at(board, input.place)
    people.client(input.nick).redact(where.target, msgidOf(people, input.item))
  }),
  'irc/typing': action(z.object({ place, nick, typing: z.boolean() }), async (board, input) => {
    const { people, where } = at(board, input.place)
    if (people.hasCaps) people.client(input.nick).typing(where.target, input.typing ? 'active' : 'done')
  }),
}
