import type { Ircd } from '../ircd.ts'
import { readMarkerKey, sendReadMarker } from '../read-marker.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const readMarkerCommands: CommandTable = { MARKREAD: { run: markread } }

function markread(ircd: Ircd, me: Session, [target, marker]: readonly string[]): void {
  if (!me.caps.has('draft/read-marker')) return me.numeric('421', 'MARKREAD', 'Unknown command')
  if (target === undefined) return me.fail('MARKREAD', 'NEED_MORE_PARAMS', 'Missing parameters')
  if (marker !== undefined) {
    const at = Date.parse(marker.replace(/^timestamp=/, ''))
    if (Number.isNaN(at)) return me.fail('MARKREAD', 'INVALID_PARAMS', target, 'Invalid timestamp')
    const key = readMarkerKey(ircd, me, target)
    const before = Date.parse(ircd.readMarkers.get(key) ?? '') || 0
    // A marker never goes back.
    if (at > before) ircd.readMarkers.set(key, new Date(at).toISOString())
  }
  return sendReadMarker(ircd, me, target)
}
