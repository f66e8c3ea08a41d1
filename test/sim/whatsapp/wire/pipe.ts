import type { Node } from '../contract.ts'
import type { Effect } from './effect.ts'

type Job = { readonly node: Node; readonly effects: readonly Effect[] }

export type PipeEnds = {
  deliver(node: Node): void
  /** the stanza is not handled, and nothing is any more */
  cut(): void
  /** this stanza is handled, and nothing is any more */
  deliverAndCut(node: Node): void
}

/** One direction of one connection: stanzas pass in order, but for what faults do to them. */
export class Pipe {
  readonly #ends: PipeEnds
  #queue: Job[] = []
  #timer: NodeJS.Timeout | undefined
  #swapped: Node | undefined
  #whenEmpty: (() => void) | undefined

  constructor(ends: PipeEnds) {
    this.#ends = ends
  }

  push(node: Node, effects: readonly Effect[] = []): void {
    this.#queue.push({ node, effects })
    this.#drain()
  }

  /** Calls back once, when everything pushed so far has passed; a swapped stanza waits for no other any more. */
  whenEmpty(then: () => void): void {
    this.#whenEmpty = then
    this.#drain()
  }

  /** Forgets what waits. */
  close(): void {
    clearTimeout(this.#timer)
    this.#queue = []
    this.#swapped = this.#whenEmpty = undefined
  }

  #drain(): void {
    if (this.#timer !== undefined) return
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      const { node, effects } = job
      const delay = effects.find((effect) => effect.kind === 'delay')
      if (delay !== undefined) {
        this.#queue.unshift({ node, effects: effects.filter((effect) => effect !== delay) })
        this.#timer = setTimeout(() => {
          this.#timer = undefined
          this.#drain()
        }, delay.ms)
        return
      }
      this.#pass(node, effects)
    }
    const then = this.#whenEmpty
    if (then === undefined) return
    this.#whenEmpty = undefined
    this.#late()
    then()
  }

  #pass(node: Node, effects: readonly Effect[]): void {
    const has = (kind: Effect['kind']): boolean => effects.some((effect) => effect.kind === kind)
    const drop = effects.find((effect) => effect.kind === 'drop')
    if (drop?.when === 'before') return this.#ends.cut()
    if (drop?.when === 'after') return this.#ends.deliverAndCut(node)
    if (has('lose')) return
    if (has('swap') && this.#swapped === undefined) {
      this.#swapped = node
      return
    }
    this.#ends.deliver(node)
    if (has('duplicate')) this.#ends.deliver(node)
    this.#late()
  }

  #late(): void {
    const late = this.#swapped
    this.#swapped = undefined
    if (late !== undefined) this.#ends.deliver(late)
  }
}
