import { setLight, showBoard } from './board.js'
import { toast, write } from './dom.js'
import { duration, setServerTime, tick } from './times.js'

const KEY = 'viaduct-admin-token'
const REFRESH_MS = 5_000
const PATIENCE_MS = 10_000

const form = document.getElementById('login')
const board = document.getElementById('board')
const lock = document.getElementById('lock')
const input = document.getElementById('token')

let answeredAt
let asking = false
let timer

// --- the token ---

const token = () => sessionStorage.getItem(KEY)

function showLogin(error = '') {
  sessionStorage.removeItem(KEY)
  clearTimeout(timer)
  answeredAt = undefined
  form.hidden = false
  board.hidden = true
  lock.hidden = true
  write('login-error', error)
  write('fresh', '')
  write('about', 'How the bridge stands')
  document.title = 'Viaduct – status'
  // What was shown must not be read by whoever comes next.
  for (const id of ['reasons', 'tiles', 'connections', 'queues', 'waiting', 'failed']) {
    document.getElementById(id).replaceChildren()
  }
  input.focus()
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const given = input.value.trim()
  // A header takes nothing else, and fetch would fail as if the bridge were away.
  if (!/^[\x21-\x7e]+$/.test(given))
    return write('login-error', 'A token has no spaces and only plain characters.')
  sessionStorage.setItem(KEY, given)
  void refresh()
})
lock.addEventListener('click', () => showLogin())

// --- the bridge ---

async function request(path, options = {}) {
  const response = await fetch(`status/${path}`, {
    ...options,
    headers: { ...options.headers, authorization: `Bearer ${token()}` },
    cache: 'no-store',
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const body = await response.json()
  return { status: response.status, body }
}

async function refresh() {
  if (asking || token() === null) return
  asking = true
  clearTimeout(timer)
  const asked = token()
  try {
    const { status, body } = await request('api')
    // Locked meanwhile, or opened with another token.
    if (asked !== token()) return
    if (status === 200) show(body)
    else if (status === 401 || (status === 429 && board.hidden)) return showLogin(body.error)
    else lost(body.error)
  } catch {
    if (asked === token()) lost('The bridge does not answer.')
  } finally {
    asking = false
    if (token() !== null) timer = setTimeout(refresh, REFRESH_MS)
  }
}

function show(report) {
  const opened = board.hidden
  answeredAt = Date.now()
  setServerTime(report.at)
  form.hidden = true
  board.hidden = false
  lock.hidden = false
  input.value = ''
  board.classList.remove('lost')
  showBoard(report, act)
  tellFresh()
  if (opened) document.getElementById('light-title').focus({ preventScroll: true })
}

function lost(text) {
  if (board.hidden) return showLogin(text)
  board.classList.add('lost')
  tellFresh()
  setLight('lost', text, ['What stands below is how it was before.'])
}

async function act(name, line) {
  try {
    const { status, body } = await request(`api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: line.id }),
    })
    if (status === 401) return showLogin(body.error)
    if (status === 200)
      toast(name === 'retry' ? `No. ${line.id} is queued again.` : `No. ${line.id} is given up.`)
    else toast(body.error)
  } catch {
    toast('The bridge does not answer.')
  }
  await refresh()
}

// --- time ---

function tellFresh() {
  if (answeredAt === undefined) return
  const ms = Date.now() - answeredAt
  write(
    'fresh',
    ms < REFRESH_MS * 2 && !board.classList.contains('lost') ? 'up to date' : `as of ${duration(ms)} ago`,
  )
}

setInterval(() => {
  if (document.hidden) return
  tick()
  tellFresh()
}, 1_000)
document.addEventListener('visibilitychange', () => {
  if (document.hidden) clearTimeout(timer)
  else void refresh()
})

if (token() === null) showLogin()
else void refresh()
