import { PREFIXES } from './isupport.ts'
import type { Session } from './session.ts'

export type ListMode = 'b' | 'e' | 'I'
export type MaskEntry = { mask: string; by: string; at: Date; matches: (prefix: string) => boolean }

/** A channel: its members with their membership modes, its modes and lists. */
export class Channel {
  readonly name: string
  readonly createdAt: Date
  /** each member's membership modes, highest first */
  readonly members = new Map<Session, string>()
  readonly flags = new Set<string>(['n', 't'])
  readonly lists: Record<ListMode, Map<string, MaskEntry>> = { b: new Map(), e: new Map(), I: new Map() }
  readonly invited = new Set<Session>()
  topic: { text: string; by: string; at: Date } | undefined
  key: string | undefined
  limit: number | undefined

  constructor(name: string, createdAt: Date) {
    this.name = name
    this.createdAt = createdAt
  }

  /** Prefix characters of a member, highest first; empty for none and for someone outside. */
  prefixes(session: Session): string {
    const modes = this.members.get(session) ?? ''
    return PREFIXES.flatMap(([mode, prefix]) => (modes.includes(mode) ? [prefix] : [])).join('')
  }

  /** 0 for the highest membership mode, the number of them for none. */
  rank(session: Session): number {
    const modes = this.members.get(session) ?? ''
    const rank = PREFIXES.findIndex(([mode]) => modes.includes(mode))
    return rank < 0 ? PREFIXES.length : rank
  }

  hasAtLeast(session: Session, mode: string): boolean {
    return this.rank(session) <= rankOf(mode)
  }

  /** Answers whether anything changed. */
  setMembership(session: Session, mode: string, on: boolean): boolean {
    const modes = this.members.get(session)
    if (modes === undefined || modes.includes(mode) === on) return false
    this.members.set(session, on ? modes + mode : modes.replace(mode, ''))
    return true
  }

  isBanned(prefix: string): boolean {
    return this.listed('b', prefix) && !this.listed('e', prefix)
  }

  listed(list: ListMode, prefix: string): boolean {
    for (const entry of this.lists[list].values()) if (entry.matches(prefix)) return true
    return false
  }

  /** Why someone may not speak, as the text of 404, or nothing. */
  silenced(session: Session): string | undefined {
    if (this.flags.has('n') && !this.members.has(session)) return 'Cannot send to channel (+n)'
    if (this.hasAtLeast(session, 'v')) return undefined
    if (this.flags.has('m')) return 'Cannot send to channel (+m)'
    return this.isBanned(session.prefix) ? 'Cannot send to channel (+b)' : undefined
  }

  /** Mode letters and parameters as in 324. */
  modeString(withKey: boolean): string[] {
    const letters = [...this.flags].sort()
    const params: string[] = []
    if (this.key !== undefined) {
      letters.push('k')
      params.push(withKey ? this.key : '*')
    }
    if (this.limit !== undefined) {
      letters.push('l')
      params.push(`${this.limit}`)
    }
    return [`+${letters.join('')}`, ...params]
  }
}

export function rankOf(mode: string): number {
  return PREFIXES.findIndex(([letter]) => letter === mode)
}

/** Matches `nick!user@host` masks with `*` and `?`, in the server's casemapping. */
export function maskMatcher(mask: string, fold: (text: string) => string): (prefix: string) => boolean {
  const pattern = fold(mask).replace(/[.+^${}()|[\]\\*?]/g, (c) =>
    c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`,
  )
  const regexp = new RegExp(`^${pattern}$`, 's')
  return (prefix) => regexp.test(fold(prefix))
}

/** Completes a mask: `bob` is `bob!*@*`, `*@host` is `*!*@host`. */
export function fullMask(mask: string): string {
  if (mask.includes('!')) return mask.includes('@') ? mask : `${mask}@*`
  return mask.includes('@') ? `*!${mask}` : `${mask}!*@*`
}
