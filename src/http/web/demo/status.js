import { h } from './dom.js'
import { duration } from './items.js'

const sideDown = (name) => (seconds) =>
  `${name} is out of reach for another ${seconds} s: write as Alice, and watch it wait and go out in order.`

const DOWN = {
  irc: sideDown('IRC'),
  telegram: sideDown('Telegram'),
  whatsapp: sideDown('WhatsApp'),
  homeserver: (seconds) =>
    `The homeserver is down for another ${seconds} s: write on the right, and watch it wait and go out in order.`,
}

const IDLE = 'Break something, write meanwhile, and watch: what the ledger holds arrives, once and in order.'

/** The strip that says how the bridge stands; `names` are those of the sides. */
export function showStatus(status, names) {
  const { inFlight, oldestMs, delivered, failed, database, keptIn, homeserver, connections } = status
  const links = Object.entries(names).map(([side, name]) => {
    const own = connections.filter((each) => each.side === side)
    return { name, own, up: own.filter(({ state }) => state === 'connected').length }
  })
  const kept = keptIn === undefined ? 'removed when the demo ends' : `kept in ${keptIn}`
  const tiles = [
    tile('Messages in flight', String(inFlight), inFlight > 0 ? 'busy' : ''),
    tile('Oldest unsent', oldestMs === undefined ? '–' : duration(oldestMs), oldestMs > 2_000 ? 'busy' : ''),
    tile('Delivered', String(delivered)),
    tile('Not delivered', String(failed), failed > 0 ? 'bad' : ''),
    tile('Bridge', [dot(true, 'runs in the same process as this page'), bridgeWords(homeserver.ok, links)]),
    tile('Homeserver', [dot(homeserver.ok, homeserver.why ?? 'runs'), homeserver.ok ? 'up' : 'down']),
    ...links.map(({ name, own, up }) =>
      own.length === 0
        ? tile(name, 'Alice logs in …', 'busy')
        : tile(name, [...own.map(link), `${up} of ${own.length}`]),
    ),
    tile('Database', [
      dot(true, `${database}, ${kept}`),
      keptIn === undefined ? 'embedded, temporary' : 'embedded, kept',
    ]),
  ]
  document.getElementById('tiles').replaceChildren(...tiles)
}

const link = ({ label, state, why }) =>
  dot(state === 'connected', `${label}: ${state}${why === undefined ? '' : `, ${why}`}`)

function bridgeWords(homeserver, links) {
  const away = links.filter(({ up, own }) => up === 0 && own.length > 0).map(({ name }) => name)
  if (!homeserver) away.push('the homeserver')
  return away.length === 0 ? 'runs' : `runs, waits for ${away.join(' and ')}`
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
    if (leftMs > 0) words.push(DOWN[kind](Math.ceil(leftMs / 1_000)))
  }
  const hint = document.getElementById('hint')
  hint.classList.toggle('busy', words.length > 0)
  if (words.length === 0) words.push(inFlight > 2 ? `${inFlight} deliveries are on their way.` : IDLE)
  const text = words.join(' ')
  if (hint.textContent !== text) hint.textContent = text
}
