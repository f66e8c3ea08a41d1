import { h } from './dom.js'

/** How far the clock of this computer is ahead of the bridge's. */
let aheadMs = 0

export function setServerTime(at) {
  aheadMs = Date.now() - Date.parse(at)
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** A duration in its largest unit: 3 min. */
export function duration(ms) {
  const [size, unit] = UNITS.find(([size]) => ms >= size) ?? [1_000, 's']
  return `${Math.floor(Math.max(0, ms) / size)} ${unit}`
}

/** A latency, with as many digits as matter. */
export function latency(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms)
}

export const agoMs = (iso) => Date.now() - aheadMs - Date.parse(iso)

/** How long ago something was, which goes on by itself; the time itself shows on hovering. */
export function ago(iso, after = '') {
  const element = h('time', {
    dateTime: iso,
    title: new Date(iso).toLocaleString(),
    data: { after },
  })
  tell(element)
  return element
}

export function tick() {
  for (const element of document.querySelectorAll('time[data-after]')) tell(element)
}

function tell(element) {
  const text = duration(agoMs(element.dateTime)) + element.dataset.after
  if (element.textContent !== text) element.textContent = text
}
