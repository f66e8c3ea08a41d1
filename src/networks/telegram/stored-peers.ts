import type { IPeersRepository } from '@mtcute/core'

type Info = IPeersRepository.PeerInfo

/** Where a peer that is only known from a message was seen: conversation and message. */
export type Seen = { chat: number; message: number }

export type StoredPeer = { info?: Info; seen?: Seen }

/** A peer as text for the session table; the object of mtcute is kept as it is. */
export function writePeer({ info, seen }: StoredPeer): string {
  if (info === undefined) return JSON.stringify({ s: seen && [seen.chat, seen.message] })
  const { id, accessHash, isMin, usernames, updated, phone, complete } = info
  const names = usernames.length > 0 ? { u: usernames } : {}
  return JSON.stringify({
    i: id,
    h: accessHash,
    ...(isMin && { m: 1 }),
    ...names,
    t: updated,
    ...(phone !== undefined && { p: phone }),
    c: Buffer.from(complete).toString('base64'),
    ...(seen && { s: [seen.chat, seen.message] }),
  })
}

type Written = {
  i?: number
  h?: string
  m?: number
  u?: string[]
  t?: number
  p?: string
  c?: string
  s?: [number, number]
}

export function readPeer(text: string): StoredPeer {
  const { i, h, m, u, t, p, c, s } = JSON.parse(text) as Written
  const seen = s === undefined ? {} : { seen: { chat: s[0], message: s[1] } }
  if (i === undefined || h === undefined || c === undefined) return seen
  const info: Info = {
    id: i,
    accessHash: h,
    isMin: m === 1,
    usernames: u ?? [],
    updated: t ?? 0,
    complete: Buffer.from(c, 'base64'),
    ...(p !== undefined && { phone: p }),
  }
  return { info, ...seen }
}

/** Whether storing it would change nothing but the time at which it was last seen. */
export function isSamePeer(a: Info, b: Info): boolean {
  return (
    a.accessHash === b.accessHash &&
    a.isMin === b.isMin &&
    a.phone === b.phone &&
    a.usernames.join() === b.usernames.join() &&
    Buffer.from(a.complete).equals(Buffer.from(b.complete))
  )
}
