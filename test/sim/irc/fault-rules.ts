import type { Effects, Scope } from './effects.ts'
import { NO_EFFECTS } from './effects.ts'

type Rule = { scope: Scope; effects: Effects; seen: number }

/** Faults for single lines: each counts the lines in its scope from when it was added. */
export class FaultRules {
  private readonly fold: (nick: string) => string
  private rules: Rule[] = []

  constructor(fold: (nick: string) => string) {
    this.fold = fold
  }

  add(effects: Effects, scope: Scope): void {
    this.rules.push({ scope, effects, seen: 0 })
  }

  clear(): void {
    this.rules = []
  }

  /** The effects on the line that is about to be processed; counts it. */
  take(nick: string, command: string): Effects {
    if (this.rules.length === 0) return NO_EFFECTS
    let effects: Effects = NO_EFFECTS
    for (const rule of this.rules) {
      const { scope } = rule
      if ((scope.command ?? 'PRIVMSG') !== command) continue
      if (scope.nick !== undefined && this.fold(scope.nick) !== this.fold(nick)) continue
      rule.seen++
      const from = scope.from ?? 1
      if (rule.seen >= from && rule.seen < from + (scope.count ?? Infinity))
        effects = { ...effects, ...rule.effects }
    }
    this.rules = this.rules.filter(
      ({ scope, seen }) => seen < (scope.from ?? 1) + (scope.count ?? Infinity) - 1,
    )
    return effects
  }
}
