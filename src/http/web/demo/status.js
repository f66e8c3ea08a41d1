import { h } from './dom.js'
import { duration } from './items.js'

const DOWN = {
  irc: (seconds) =>
    `IRC is out of reach for another ${seconds} s: write as Alice, and watch it wait and go out in order.`,
  homeserver: (seconds) =>
    `The homeserver is down for another ${seconds} s: write on IRC, and watch it wait and go out in order.`,
}

const IDLE = 'Break something, write meanwhile, and watch: what the ledger holds arrives, once and in order.'

/** The strip that says how the bridge stands. */
export function showStatus(status) {
  const { inFlight, oldestMs, delivered, failed, database, keptIn, homeserver, connections } = status
  const links = connections.map(({ label, state, why }) =>
    dot(state === 'connected', `${label}: ${state}${why === undefined ? '' : `, ${why}`}`),
  )
  const kept = keptIn === undefined ? 'removed when the demo ends' : `kept in ${keptIn}`
  const up = connections.filter(({ state }) => state === 'connected').length
  const tiles = [
    tile('Messages in flight', String(inFlight), inFlight > 0 ? 'busy' : ''),
    tile('Oldest unsent', oldestMs === undefined ? '–' : duration(oldestMs), oldestMs > 2_000 ? 'busy' : ''),
    tile('Delivered', String(delivered)),
    tile('Not delivered', String(failed), failed > 0 ? 'bad' : ''),
    tile('Bridge', [dot(true, 'runs in the same process as this page'), bridgeWords(homeserver.ok, up > 0)]),
    tile('Homeserver', [dot(homeserver.ok, homeserver.why ?? 'runs'), homeserver.ok ? 'up' : 'down']),
    tile('IRC links', [...links, `${up} of ${connections.length}`]),
    tile('Database', [
      dot(true, `${database}, ${kept}`),
      keptIn === undefined ? 'embedded, temporary' : 'embedded, kept',
    ]),
  ]
  document.getElementById('tiles').replaceChildren(...tiles)
}

const bridgeWords = (homeserver, irc) =>
  homeserver && irc ? 'runs' : homeserver ? 'runs, waits for IRC' : 'runs, waits for the homeserver'

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
    if (leftMs > 0) words.push(DOWN[kind](Math.ceil(leftMs / 1_000)))
  }
  const hint = document.getElementById('hint')
  hint.classList.toggle('busy', words.length > 0)
  if (words.length === 0) words.push(inFlight > 2 ? `${inFlight} deliveries are on their way.` : IDLE)
  const text = words.join(' ')
  if (hint.textContent !== text) hint.textContent = text
}
