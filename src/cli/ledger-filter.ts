import { DELIVERY_STATES, DIRECTIONS, UNFINISHED } from '../model/delivery.ts'
import type { DeliveryState } from '../model/delivery.ts'
import { deliveryId } from '../model/ids.ts'
import type { DeliveryId } from '../model/ids.ts'
import { nearest } from '../config/nearest.ts'
import type { LedgerFilter } from '../store/ledger-view.ts'
import { UsageError } from './command.ts'
import type { Input } from './command.ts'

export const FAILED: readonly DeliveryState[] = ['rejected', 'unknown', 'expired']

const GROUPS: Readonly<Record<string, readonly DeliveryState[]>> = { failed: FAILED, waiting: UNFINISHED }

const DEFAULT_LIMIT = 50

/** Reads the options that choose rows. @throws UsageError */
export function filterOf(input: Input, defaultLimit: number = DEFAULT_LIMIT): LedgerFilter {
  const states = input
    .texts('state')
    .flatMap((text) => text.split(','))
    .flatMap(statesOf)
  const direction = directionOf(input.text('direction'))
  const room = input.text('room')
  const sender = input.text('sender')
  return {
    ...(states.length > 0 && { states }),
    ...(direction !== undefined && { direction }),
    ...(room !== undefined && { room }),
    ...(sender !== undefined && { sender }),
    limit: limitOf(input.text('limit'), defaultLimit),
  }
}

/** @throws UsageError */
export function idsOf(words: readonly string[]): DeliveryId[] {
  return words.map((word) => {
    const id = Number(word.replace(/^#/, ''))
    if (!Number.isSafeInteger(id) || id < 1) throw new UsageError(`Not the id of a delivery: ${word}`)
    return deliveryId(id)
  })
}

function statesOf(text: string): readonly DeliveryState[] {
  const group = Object.hasOwn(GROUPS, text) ? GROUPS[text] : undefined
  if (group !== undefined) return group
  const state = DELIVERY_STATES.find((one) => one === text)
  if (state !== undefined) return [state]
  throw unknownWord('state', text, [...DELIVERY_STATES, ...Object.keys(GROUPS)])
}

function directionOf(text: string | undefined) {
  if (text === undefined) return undefined
  const direction = DIRECTIONS.find((one) => one === text.replace('-', '_'))
  if (direction === undefined) throw unknownWord('direction', text, DIRECTIONS)
  return direction
}

function limitOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError('--limit needs a number from 1')
  return Number(text)
}

function unknownWord(what: string, text: string, known: readonly string[]): UsageError {
  const meant = nearest(text, known)
  const advice = meant === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${meant}?`
  return new UsageError(`Unknown ${what}: ${text}. ${advice}`)
}
