import { h, keep, write } from './dom.js'
import { failedRow, waitingRow } from './deliveries.js'
import { ago, agoMs, duration, latency } from './times.js'
import { CONNECTION_STATES, networkName, plural, way } from './words.js'

/** A conversation that is held up for longer is worth a look. */
const HELD_UP_MS = 60_000

/** Shows a report of the bridge. `act(name, line)` does something about a delivery. */
export function showBoard(report, act) {
  const { version, startedAt, connections, logins, ledger } = report
  showLight(report)
  document.getElementById('about').replaceChildren(`Version ${version}, runs for `, ago(startedAt))
  document.getElementById('tiles').replaceChildren(...tiles(report))
  keep(document.getElementById('connections'), keyed(connections), connection)
  write('logins', loginWords(logins, connections))
  // While the database is away the last answer stays: it is still the best that is known.
  document.getElementById('board').classList.toggle('without-ledger', !ledger)
  if (!ledger) return
  keep(document.getElementById('queues'), queueLines(ledger), queueRow)
  rows('waiting', ledger.waiting, (line) => waitingRow(line, act), 'Nothing is held up.')
  rows('failed', ledger.failed, (line) => failedRow(line, act), 'Nothing failed.')
}

function rows(name, lines, make, none) {
  const count = lines.length === 50 ? '50 or more' : String(lines.length)
  write(`${name}-count`, lines.length === 0 ? '' : count)
  const items = lines.map((line) => ({ ...line, key: String(line.id) }))
  keep(document.getElementById(name), items.length > 0 ? items : [{ key: 'none' }], (line) =>
    line.key === 'none' ? h('tr', { className: 'none' }, h('td', { colSpan: 5 }, none)) : make(line),
  )
}

// --- the light ---

function showLight({ ready, reasons, database, connections, ledger }) {
  const worries = [
    ...(ready && !database.ok ? [`database: ${database.why ?? 'no answer'}`] : []),
    ...connections
      .filter(({ personal, state }) => !personal && state !== 'connected')
      .map(({ network, label, state }) => `${networkName(network)} ${label}: ${CONNECTION_STATES[state]}`),
    ...heldUp(ledger?.waiting ?? []),
  ]
  const level = ready ? (worries.length > 0 ? 'busy' : 'ok') : 'bad'
  const title = {
    ok: 'Everything works',
    busy: 'It works, but not everything gets through',
    bad: 'The bridge cannot work now; messages wait until it can',
  }[level]
  setLight(level, title, [...reasons, ...worries])
}

function heldUp(waiting) {
  const long = waiting.filter(({ createdAt }) => agoMs(createdAt) > HELD_UP_MS)
  if (long.length === 0) return []
  const longest = duration(Math.max(...long.map(({ createdAt }) => agoMs(createdAt))))
  return [`${plural(long.length, 'conversation')} held up, the longest for ${longest}`]
}

const SHORT = { ok: 'works', busy: 'look', bad: 'down', lost: 'no answer' }

export function setLight(level, title, reasons) {
  document.getElementById('light').className = `card light ${level}`
  write('light-title', title)
  const items = [...new Set(reasons)].map((text) => ({ key: text }))
  keep(document.getElementById('reasons'), items, ({ key }) => h('li', {}, key))
  document.title = `Viaduct – ${SHORT[level]}`
}

// --- the tiles ---

function tiles({ homeserver, database, connections, logins, ledger }) {
  const shared = connections.filter(({ personal }) => !personal)
  const up = shared.filter(({ state }) => state === 'connected').length
  const all = logins.reduce((sum, login) => sum + login.all, 0)
  const connected = logins.reduce((sum, login) => sum + login.connected, 0)
  const waiting = ledger?.queues.reduce((sum, queue) => sum + queue.waiting, 0)
  const oldest = ledger?.queues.map((queue) => queue.oldest).sort()[0]
  return [
    tile(
      'Homeserver',
      homeserver?.ok === true ? 'ok' : 'down',
      homeserver?.ok === true ? 'reached' : 'not reached',
      [
        ...(homeserver?.why === undefined ? [] : [homeserver.why, ', ']),
        ...(homeserver && Date.parse(homeserver.checkedAt) > 0
          ? homeserver.since
            ? ['for ', ago(homeserver.since), ', asked ', ago(homeserver.checkedAt, ' ago')]
            : ['asked ', ago(homeserver.checkedAt, ' ago')]
          : []),
      ],
    ),
    tile('Database', database.ok ? 'ok' : 'down', database.ok ? 'answers' : 'no answer', [
      database.why ?? '',
    ]),
    shared.length > 0 &&
      tile('Connections', part(up, shared.length), `${up} of ${shared.length}`, ['of the bridge']),
    all > 0 && tile('Logins', part(connected, all), `${connected} of ${all}`, ['of users']),
    ledger &&
      tile(
        'From the homeserver',
        undefined,
        plural(ledger.inbox.waiting, 'transaction'),
        ledger.inbox.oldest ? ['oldest ', ago(ledger.inbox.oldest)] : ['none waits to be sorted'],
      ),
    ledger &&
      tile(
        'In the queues',
        undefined,
        plural(waiting, 'delivery', 'deliveries'),
        oldest ? ['oldest ', ago(oldest)] : ['nothing waits'],
      ),
  ].filter(Boolean)
}

const part = (up, all) => (up === all ? 'ok' : up === 0 ? 'down' : 'busy')

const COLOURS = { busy: 'busy', down: 'bad' }

const tile = (name, state, value, more) =>
  h(
    'div',
    { className: `tile card ${COLOURS[state] ?? ''}` },
    h('dt', {}, name),
    h('dd', {}, state === undefined ? '' : h('span', { className: `dot ${state}` }), value),
    h('dd', { className: 'more' }, ...more),
  )

// --- connections and queues ---

const keyed = (connections) =>
  connections.map((one, i) => ({ ...one, key: `${one.network} ${one.label} ${i}` }))

const DOTS = { connected: 'ok', connecting: 'busy', backoff: 'busy' }

const connection = ({ network, label, state, since, text, personal }) =>
  h(
    'li',
    {},
    h('span', { className: `dot ${DOTS[state] ?? 'down'}` }),
    h(
      'div',
      {},
      h('strong', {}, label),
      h('span', { className: 'soft' }, ` ${networkName(network)}${personal ? ', a user’s login' : ''}`),
      text === undefined ? '' : h('p', { className: 'why' }, text),
    ),
    h('span', { className: 'state' }, CONNECTION_STATES[state] ?? state, ' for ', ago(since)),
  )

function loginWords(logins, connections) {
  if (logins.length === 0) return connections.length === 0 ? 'No network is configured.' : ''
  const parts = logins.map(({ network, connected, all }) => `${networkName(network)} ${connected} of ${all}`)
  const others = logins.some(({ connected, all }) => connected < all) ? ' The others are listed above.' : ''
  return `Logins of users that are connected: ${parts.join(', ')}.${others}`
}

function queueLines({ queues, latency: latencies }) {
  const lines = new Map()
  for (const line of [...queues, ...latencies]) {
    const key = way(line)
    lines.set(key, { ...lines.get(key), ...line, key })
  }
  return lines.size === 0 ? [{ key: 'none' }] : [...lines.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

function queueRow({ key, waiting = 0, parked = 0, oldest, count, p50Ms, p95Ms }) {
  if (key === 'none') {
    return h(
      'tr',
      { className: 'none' },
      h('td', { colSpan: 5 }, 'Nothing waits, nothing was delivered in the last hour.'),
    )
  }
  const figure = (name, ...children) => h('td', { className: 'number', data: { name } }, ...children)
  return h(
    'tr',
    {},
    h('th', { scope: 'row', title: count === undefined ? '' : `${count} delivered in the last hour` }, key),
    figure(
      'Waiting',
      waiting === 0 ? '–' : String(waiting),
      parked === 0 ? '' : h('small', {}, `${parked} parked`),
    ),
    figure('Oldest', oldest === undefined ? '–' : ago(oldest)),
    figure('p50', p50Ms === undefined ? '–' : latency(p50Ms)),
    figure('p95', p95Ms === undefined ? '–' : latency(p95Ms)),
  )
}
