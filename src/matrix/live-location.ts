import type { MatrixEventId } from '../model/ids.ts'
import { matrixEventId } from '../model/ids.ts'
import { isEventId } from './event.ts'
import type { RawEvent } from './event.ts'
import { readLocation } from './message-from-event.ts'
import { countAt, numberAt, objectAt, stringAt, valueAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

/** Live locations (MSC3489, MSC3672): state says that somebody shares where they are, messages say where that is. */
export const BEACON_INFO: readonly string[] = ['m.beacon_info', 'org.matrix.msc3672.beacon_info']
export const BEACON: readonly string[] = ['m.beacon', 'org.matrix.msc3672.beacon']

export type LiveAct =
  /** Somebody begins to share where they are, until then. */
  | { kind: 'live-begin'; until: Date; name?: string }
  | { kind: 'live-end' }
  /** Where somebody is now. */
  | { kind: 'live-place'; target: MatrixEventId; latitude: number; longitude: number; at: Date }

type Ignored = { kind: 'ignored'; why: string }

const LONGEST_MS = 365 * 86_400_000

/** The beginning or the end: the state of whoever shares it. */
export function readBeaconInfo(
  { content, sender, origin_server_ts: at }: RawEvent,
  key: string,
): LiveAct | Ignored {
  if (key !== sender) return { kind: 'ignored', why: 'a live location is shared by its owner only' }
  if (valueAt(content, 'live') !== true) return { kind: 'live-end' }
  const forMs = Math.min(LONGEST_MS, countAt(content, 'timeout') ?? 0)
  const name = (stringAt(content, 'description') ?? '').trim()
  const until = new Date(timestampIn(content, at) + forMs)
  return { kind: 'live-begin', until, ...(name !== '' && { name }) }
}

/** One place on the way. */
export function readBeacon({ content, origin_server_ts: at }: RawEvent): LiveAct | Ignored {
  const relates = objectAt(content, 'm.relates_to') ?? {}
  const target = valueAt(relates, 'event_id')
  const place = readLocation(content)
  if (!isEventId(target) || place === undefined)
    return { kind: 'ignored', why: 'a place of a live location without coordinates' }
  const { latitude, longitude } = place
  return {
    kind: 'live-place',
    target: matrixEventId(target),
    latitude,
    longitude,
    at: new Date(timestampIn(content, at)),
  }
}

/** MSC3488: when it was so; a clock that is far off is not believed. */
function timestampIn(content: Json, at: number): number {
  const said = numberAt(content, 'm.ts') ?? numberAt(content, 'org.matrix.msc3488.ts') ?? at
  return Math.abs(said - at) < 3_600_000 ? said : at
}
