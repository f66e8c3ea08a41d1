import { alice } from './alice.js'
import { listen, post } from './api.js'
import { irc } from './irc.js'
import { showChosen, showRooms, showSides, showTabs } from './lists.js'
import { showOutages, showStatus } from './status.js'
import { current, listed, of, see, sideOf, SIDES, take } from './store.js'
import { telegram } from './telegram.js'
import { whatsapp } from './whatsapp.js'
import { onWire } from './wire.js'

/** What shows a conversation of a side. */
const panes = { matrix: alice, irc, telegram, whatsapp }
const names = Object.fromEntries(SIDES.map((side) => [side, panes[side].name]))
const OUTAGE_MS = 5_000

let shown = SIDES[0]
let status

/** Shows a conversation, and on the other half of the page the same one. */
function choose(side, id) {
  of(side).chosen = id
  if (side === 'matrix') {
    const other = sideOf(current('matrix'))
    if (other) {
      of(other).chosen = current('matrix').twin
      shown = other
    }
  } else {
    shown = side
    const room = listed('matrix').find(({ twin }) => twin === id)
    if (room) of('matrix').chosen = room.id
  }
  showAll()
}

/** Shows another side, with what was last open there. */
const change = (side) => choose(side, of(side).chosen ?? of(side).order[0])

function show(side) {
  const conversation = current(side)
  if (!conversation || (side !== 'matrix' && side !== shown)) return
  see(side, conversation)
  panes[side].show(conversation)
}

function lists() {
  showRooms(names, choose)
  showTabs(shown, choose)
  showSides(shown, names, change)
}

function showAll() {
  const half = document.getElementById('side')
  half.dataset.side = shown
  document.getElementById('side-about').textContent = panes[shown].about
  for (const side of SIDES) document.getElementById(side).hidden = side !== shown
  show('matrix')
  show(shown)
  lists()
  showChosen()
}

/** At first the group on Telegram, where everything is native. */
function begin() {
  const [first] = listed('telegram')
  if (first && listed('matrix').some(({ twin }) => twin === first.id)) choose('telegram', first.id)
}

listen(
  (part, value) => {
    if (part === 'status') {
      status = value
      showStatus(value, names)
      showOutages(value)
      return
    }
    const { side, id } = take(part, value)
    if (current('matrix') === undefined) begin()
    if (id !== undefined && id === of(side).chosen) show(side)
    lists()
  },
  (connected) => document.body.classList.toggle('offline', !connected),
)
setInterval(() => status && showOutages(status), 250)
document.addEventListener('visibilitychange', () => !document.hidden && showAll())
onWire(showAll)

// --- buttons ---

for (const button of document.querySelectorAll('[data-outage]')) {
  button.addEventListener('click', () => void post('outage', { kind: button.dataset.outage, ms: OUTAGE_MS }))
}
document.getElementById('burst').addEventListener('click', () => {
  if (sideOf(current('matrix')) === undefined) change(shown)
  void post('burst', { room: of('matrix').chosen, side: shown, place: of(shown).chosen })
})
for (const button of document.querySelectorAll('.copy'))
  button.addEventListener('click', () => void copy(button))

async function copy(button) {
  await navigator.clipboard.writeText(button.previousElementSibling.textContent)
  button.textContent = 'copied'
}
