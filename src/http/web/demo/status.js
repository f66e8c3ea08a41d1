import { h } from './dom.js'
import { duration } from './items.js'

const NAMES = { irc: 'The IRC link', homeserver: 'The homeserver' }

/** The strip that says how the bridge stands. */
export function showStatus(status) {
  const { inFlight, oldestMs, delivered, failed, database, keptIn, homeserver, connections } = status
  const links = connections.map(({ label, state, why }) =>
    dot(state === 'connected', `${label}: ${state}${why === undefined ? '' : `, ${why}`}`),
  )
  const up = connections.filter(({ state }) => state === 'connected').length
  const tiles = [
    tile('Messages in flight', String(inFlight), inFlight > 0 ? 'busy' : ''),
    tile('Oldest unsent', oldestMs === undefined ? '–' : duration(oldestMs), oldestMs > 2_000 ? 'busy' : ''),
    tile('Delivered', String(delivered)),
    tile('Not delivered', String(failed), failed > 0 ? 'bad' : ''),
    tile('Homeserver', [dot(homeserver.ok, homeserver.why ?? 'runs'), homeserver.ok ? 'up' : 'down']),
    tile('IRC links', [...links, `${up} of ${connections.length}`]),
    tile(
      'Ledger',
      keptIn === undefined ? `${database}, removed at the end` : `${database} in ${keptIn}`,
      'wide',
    ),
  ]
  document.getElementById('tiles').replaceChildren(...tiles)
}

const tile = (name, value, kind = '') =>
  h('div', { className: `tile ${kind}` }, h('dt', {}, name), h('dd', {}, ...[value].flat()))

const dot = (ok, title) =>
  h('span', { className: ok ? 'dot ok' : 'dot down', title, role: 'img', aria: { label: title } })

/** Counts down what is broken on purpose, and says what to watch. */
export function showOutages({ outages, inFlight }) {
  const words = []
  for (const button of document.querySelectorAll('[data-outage]')) {
    const kind = button.dataset.outage
    const leftMs = (outages[kind] ?? 0) - Date.now()
    button.classList.toggle('active', leftMs > 0)
    if (leftMs > 0) words.push(`${NAMES[kind]} is down for another ${Math.ceil(leftMs / 1_000)} s.`)
  }
  const hint = document.getElementById('hint')
  if (words.length > 0) {
    words.push(
      'Write on the other side: what you write is queued in the ledger, and goes out in order afterwards.',
    )
  } else if (inFlight > 2) words.push(`${inFlight} deliveries are on their way.`)
  hint.textContent = words.join(' ')
  hint.hidden = words.length === 0
}
