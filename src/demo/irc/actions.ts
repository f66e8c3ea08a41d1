import { z } from 'zod'
import { htmlToIrc } from '../../networks/irc/format.ts'
import { action, Unable } from '../action.ts'
import type { Actions } from '../action.ts'
import { fromMarkup } from '../markup.ts'
import { NICKS } from './people.ts'
import type { Nick, People } from './people.ts'
import type { IrcItem } from './view.ts'

const LONGEST_TEXT = 4_000
const place = z.string()
const item = z.string()
const who = z.enum(NICKS)
const text = z.string().trim().min(1).max(LONGEST_TEXT)

/** Where something happens: a channel or a person on one of the networks. */
export type Spot = { people: People; target: string }

/** Finds a conversation. @throws Unable */
export type FindSpot = (place: string) => Spot

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
export function say({ people, target }: Spot, nick: Nick, words: string, replyTo?: string): void {
  const parent = replyTo === undefined ? undefined : itemOf(people, replyTo)
  const emote = /^\/me\s+([^\n]+)/.exec(words)
  if (words.startsWith('/') && !emote) throw new Unable('The only command here is /me.')
  const coded = codedOf(emote?.[1] ?? words)
  const reply = parent && { msgid: parent.msgid, from: parent.from }
  people.say(nick, target, emote ? `\u0001ACTION ${coded}\u0001` : coded, reply)
}

function codedOf(words: string): string {
  const { body, html } = fromMarkup(words)
  return html === undefined ? body : htmlToIrc(html, { mention: () => undefined })
}

export const ircActions = (at: FindSpot): Actions => ({
  say: action(z.object({ place, who, text, replyTo: item.optional() }), async (input) =>
    say(at(input.place), input.who, input.text, input.replyTo),
  ),
  react: action(z.object({ place, who, item, key: z.string().min(1).max(40) }), async (input) => {
    const { people, target } = at(input.place)
    const msgid = msgidOf(people, input.item)
    const { reactions } = itemOf(people, input.item)
    const again = reactions.some(({ key, by }) => key === input.key && by.includes(input.who))
    if (again) people.client(input.who).unreact(target, msgid, input.key)
    else people.client(input.who).react(target, msgid, input.key)
  }),
  redact: action(z.object({ place, who, item }), async (input) => {
    const { people, target } = at(input.place)
    people.client(input.who).redact(target, msgidOf(people, input.item))
  }),
  typing: action(z.object({ place, who, typing: z.boolean() }), async (input) => {
    const { people, target } = at(input.place)
    if (people.hasCaps) people.client(input.who).typing(target, input.typing ? 'active' : 'done')
  }),
})
