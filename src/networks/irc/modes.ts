import type { RoomPower } from '../../model/remote-event.ts'
import type { Isupport } from './isupport.ts'

/** One change of a MODE line. Type A is a list, B and C are settings, D is a flag, `prefix` is a rank. */
export type ModeChange = {
  add: boolean
  mode: string
  param?: string
  type: 'A' | 'B' | 'C' | 'D' | 'prefix'
}

/** Matrix power by rank mode. */
export type LevelMap = Readonly<Record<string, number>>

export const DEFAULT_LEVELS: LevelMap = { q: 100, a: 90, o: 75, h: 50, v: 1 }
const HALF_OP = 50

/** Reads the parameters of MODE behind the channel, by PREFIX and CHANMODES. Total. */
export function parseModes(params: string[], isupport: Isupport): ModeChange[] {
  const changes: ModeChange[] = []
  const [modes = '', ...rest] = params
  let add = true
  for (const mode of modes.split('')) {
    if (mode === '+' || mode === '-') {
      add = mode === '+'
      continue
    }
    const type = typeOf(mode, isupport)
    const takes = type === 'D' ? false : type === 'C' ? add : true
    const param = takes ? rest.shift() : undefined
    // Without a parameter these ask for a list, or say nothing.
    if (param === undefined && (type === 'A' || type === 'prefix')) continue
    changes.push({ add, mode, type, ...(param === undefined ? {} : { param }) })
  }
  return changes
}

function typeOf(mode: string, { prefix, chanModes }: Isupport): ModeChange['type'] {
  if (prefix.some((p) => p.mode === mode)) return 'prefix'
  for (const type of ['A', 'B', 'C'] as const) if (chanModes[type].includes(mode)) return type
  return 'D'
}

/** Applies changes to the settings of a channel: mode to parameter, an empty string for flags. Lists and ranks are no part. */
export function applyModes(settings: Map<string, string>, changes: ModeChange[]): void {
  for (const { type, mode, add, param } of changes) {
    if (type === 'A' || type === 'prefix') continue
    if (add) settings.set(mode, param ?? '')
    else settings.delete(mode)
  }
}

/** Applies changes to somebody's ranks, highest first; `nick` is compared by `same`. */
export function applyRanks(
  ranks: string,
  changes: ModeChange[],
  same: (nick: string) => boolean,
  isupport: Isupport,
): string {
  const held = new Set(ranks)
  for (const { type, mode, add, param } of changes) {
    if (type !== 'prefix' || param === undefined || !same(param)) continue
    if (add) held.add(mode)
    else held.delete(mode)
  }
  return isupport.prefix
    .map((p) => p.mode)
    .filter((mode) => held.has(mode))
    .join('')
}

/** The Matrix power of somebody with these rank modes: that of the highest. */
export function levelOf(prefixModes: string, map: LevelMap = DEFAULT_LEVELS): number {
  return Math.max(
    0,
    ...prefixModes.split('').map((mode) => (Object.hasOwn(map, mode) ? (map[mode] ?? 0) : 0)),
  )
}

/** The highest rank of the server that a Matrix power is enough for; undefined for none. */
export function levelToMode(
  level: number,
  isupport: Isupport,
  map: LevelMap = DEFAULT_LEVELS,
): string | undefined {
  let best: string | undefined
  for (const { mode } of isupport.prefix) {
    const needed = levelOf(mode, map)
    if (needed > 0 && needed <= level && needed > levelOf(best ?? '', map)) best = mode
  }
  return best
}

/** What a channel's settings mean for a Matrix room. Everything is given, so that a mode taken away takes back its effect. */
export function roomPower(settings: ReadonlyMap<string, string>): Required<Omit<RoomPower, 'name' | 'pin'>> {
  return {
    speak: settings.has('m') ? 1 : 0,
    topic: settings.has('t') ? HALF_OP : 0,
    invite: settings.has('i') ? HALF_OP : 0,
    joinable: !settings.has('i') && !settings.has('k'),
  }
}

/** Whether a channel wants to stay out of public lists (`+s`, or `+p` where that is not something else). */
export function isSecret(settings: ReadonlyMap<string, string>): boolean {
  return settings.has('s') || settings.has('p')
}

/** Whom a ban of Matrix is for: IRC knows no accounts everywhere, so it is whoever has the nick. */
export const nickMask = (nick: string): string => `${nick}!*@*`
