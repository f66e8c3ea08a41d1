import type { Ircd } from './ircd.ts'
import type { Session } from './session.ts'

/** https://ircv3.net/specs/extensions/read-marker: kept by account, or by nick without one. */
export function readMarkerKey(ircd: Ircd, me: Session, target: string): string {
  return `${ircd.fold(me.account ?? me.nick)} ${ircd.fold(target)}`
}

/** The marker as it is now; sent after a JOIN too. */
export function sendReadMarker(ircd: Ircd, me: Session, target: string): void {
  if (!me.caps.has('draft/read-marker')) return
  const at = ircd.readMarkers.get(readMarkerKey(ircd, me, target))
  me.send(ircd.line('MARKREAD', target, at === undefined ? '*' : `timestamp=${at}`))
}
