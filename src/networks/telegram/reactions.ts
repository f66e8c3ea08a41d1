import type { tl } from '@mtcute/core'
import { remoteUserId } from '../../model/ids.ts'
import type { RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import type { RemoteChat, RemoteEvent } from '../../model/remote-event.ts'
import { derivedId, parseUserId, personId, toUserId } from './ids.ts'
import { senderOf } from './names.ts'
import { senderOfPeer } from './peer.ts'
import { keyOf } from './reaction-key.ts'
import { changeId } from './state-id.ts'
import type { View } from './view.ts'

/** Somebody's reactions: the key as Matrix has it, and when it was put there in Unix seconds (0: not known). */
export type Put = { key: string; date: number }

/** The reactions on a message as the bridge has shown them. It is JSON, and kept with the message. */
export type ReactionState = {
  seq: number
  people: Record<string, Put[]>
  /** Reactions of people who are not named. */
  counts: Record<string, number>
}

export const NO_REACTIONS: ReactionState = { seq: 0, people: {}, counts: {} }

export type ReactionTarget = { chat: RemoteChat; target: RemoteMessageId; now: Date }

export type ReactionChange = {
  events: RemoteEvent[]
  state: ReactionState
  /** There are more people than are named: `messages.getMessageReactionsList` tells. Call again with its answer. */
  wantsList: boolean
}

type Seen = {
  people: Map<string, Put[]>
  counts: Map<string, number>
  /** Everybody is named. */
  complete: boolean
}

/**
 * What changed between the reactions that are shown and those that the server now reports. It reports states, names only
 * the latest people (`recent_reactions`) and in channels nobody: those count for themselves. `list` is the full list of
 * people, where it was asked for. (core.telegram.org/api/reactions)
 */
export function reactionChange(
  before: ReactionState,
  reactions: tl.RawMessageReactions | undefined,
  of: ReactionTarget,
  view: View,
  list?: readonly tl.RawMessagePeerReaction[],
): ReactionChange {
  const seen = read(reactions, view, list)
  const people = new Map<string, Put[]>()
  const events: RemoteEvent[] = []
  const { chat, target, now } = of
  const seq = before.seq + 1
  for (const who of new Set([...Object.keys(before.people), ...seen.people.keys()])) {
    const had = before.people[who] ?? []
    const has = seen.people.get(who) ?? []
    const isOwn = who === personId(view.account) && reactions?.min !== true
    const lost = had.filter((put) => !has.some(({ key }) => key === put.key))
    // Where only the latest people are named, whoever is not may still have the reaction.
    const gone = lost.filter(({ key }) => seen.complete || isOwn || !seen.counts.has(key))
    const sender = senderFor(view, who)
    if (sender === undefined) continue
    const common = { chat, target, sender }
    for (const put of gone) {
      const id = putId(target, `x.${who}.${put.key}`, put, seq)
      events.push({ ...common, at: now, id, kind: 'reaction-removal', key: put.key })
    }
    for (const put of has.filter(({ key }) => !had.some((each) => each.key === key))) {
      const id = putId(target, `r.${who}.${put.key}`, put, seq)
      const at = put.date > 0 ? new Date(put.date * 1000) : now
      events.push({ ...common, at, id, kind: 'reaction', key: put.key })
    }
    const kept = lost.filter((put) => !gone.includes(put))
    if (has.length + kept.length > 0) people.set(who, [...has, ...kept])
  }
  const wantsList = !seen.complete && reactions?.canSeeList === true && list === undefined
  const counts = wantsList ? new Map(Object.entries(before.counts)) : unnamed(seen.counts, people)
  if (!sameCounts(before.counts, counts)) {
    const all = [...counts].map(([key, count]) => ({ key, count }))
    events.push({
      chat,
      at: now,
      id: changeId(target, 't', seq, all),
      kind: 'reaction-tally',
      target,
      counts: all,
    })
  }
  const state: ReactionState = {
    seq: events.length > 0 ? seq : before.seq,
    people: Object.fromEntries(people),
    counts: Object.fromEntries(counts),
  }
  return { events, state, wantsList }
}

/** The server says when a reaction was put there, except for some of the viewer's own. */
const putId = (target: RemoteMessageId, what: string, { date }: Put, seq: number): RemoteMessageId =>
  date > 0 ? derivedId(target, `${what}.${date}`) : changeId(target, what, seq, '')

/** The state once it is known, by the bridge's own doing, which reactions somebody has; so that they are not told back. */
export function withReactions(state: ReactionState, user: number, keys: readonly string[]): ReactionState {
  const who = personId(user)
  const had = state.people[who] ?? []
  const puts = keys.map((key) => had.find((put) => put.key === key) ?? { key, date: 0 })
  const { [who]: _, ...others } = state.people
  return { ...state, people: puts.length > 0 ? { ...others, [who]: puts } : others }
}

function senderFor(view: View, who: string) {
  const sender = parseUserId(remoteUserId(who))
  return sender && senderOf(view, sender)
}

function read(
  reactions: tl.RawMessageReactions | undefined,
  view: View,
  list: readonly tl.RawMessagePeerReaction[] | undefined,
): Seen {
  const counts = new Map<string, number>()
  const people = new Map<string, Put[]>()
  const put = (who: RemoteUserId, one: Put) => {
    const all = people.get(who) ?? []
    if (all.every(({ key }) => key !== one.key)) people.set(who, [...all, one])
  }
  let total = 0
  for (const { reaction, count } of reactions?.results ?? []) {
    const key = keyOf(reaction, view)
    if (key === undefined || count <= 0) continue
    counts.set(key, (counts.get(key) ?? 0) + count)
    total += count
  }
  const named = list ?? reactions?.recentReactions ?? []
  for (const { peerId, reaction, date } of named) {
    const sender = senderOfPeer(peerId)
    const key = keyOf(reaction, view)
    if (sender !== undefined && key !== undefined) put(toUserId(sender), { key, date })
  }
  const own = [...(reactions?.results ?? [])].filter(({ chosenOrder }) => chosenOrder !== undefined)
  for (const { reaction } of own.sort((a, b) => (a.chosenOrder ?? 0) - (b.chosenOrder ?? 0))) {
    const key = keyOf(reaction, view)
    if (key !== undefined) put(personId(view.account), { key, date: 0 })
  }
  const known = [...people.values()].reduce((sum, puts) => sum + puts.length, 0)
  return { people, counts, complete: known >= total }
}

/** How many reactions there are beyond those of people who are named. */
function unnamed(counts: Map<string, number>, people: Map<string, Put[]>): Map<string, number> {
  const left = new Map<string, number>()
  for (const [key, count] of counts) {
    const known = [...people.values()].filter((puts) => puts.some((put) => put.key === key)).length
    if (count > known) left.set(key, count - known)
  }
  return left
}

function sameCounts(before: Record<string, number>, now: Map<string, number>): boolean {
  return Object.keys(before).length === now.size && [...now].every(([key, count]) => before[key] === count)
}
