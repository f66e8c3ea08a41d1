import { listen, post, toast, upload } from './api.js'
import { h, keep } from './dom.js'
import { composer, suggestions } from './composer.js'
import { bubble, line } from './items.js'
import { Pane } from './pane.js'
import { samplePicture } from './sample.js'
import { showOutages, showStatus } from './status.js'

const state = { matrix: new Map(), irc: new Map(), order: { matrix: [], irc: [] }, status: undefined }
const chosen = { matrix: undefined, irc: undefined }
const seen = { matrix: new Map(), irc: new Map() }
const OUTAGE_MS = 5_000
const wire = () => document.getElementById('wire').checked

const room = () => state.matrix.get(chosen.matrix)
const place = () => state.irc.get(chosen.irc)
const nick = () => (place()?.kind === 'dm' ? 'Bob' : speaker.value)

const speaker = h(
  'select',
  { aria: { label: 'Who writes' } },
  h('option', {}, 'Bob'),
  h('option', {}, 'Carol'),
)

// --- Alice ---

const picker = h('input', { type: 'file', hidden: true, aria: { label: 'A file to attach' } })
const pollForm = document.getElementById('poll')
const matrixBox = composer({
  label: 'Write as Alice',
  placeholder: 'Write as Alice',
  typing: (typing) => void post('matrix/typing', { room: chosen.matrix, typing }),
  send: ({ text, reply, edit, file }) =>
    file
      ? upload(file, { room: chosen.matrix, name: file.name, caption: text })
      : post('matrix/send', { room: chosen.matrix, text, replyTo: reply?.id, edit: edit?.id }),
  extras: (set) => {
    picker.addEventListener('change', () => {
      if (picker.files[0]) set({ file: picker.files[0] })
      picker.value = ''
    })
    return [
      picker,
      h(
        'button',
        {
          type: 'button',
          title: 'Attach a file',
          aria: { label: 'Attach a file' },
          onclick: () => picker.click(),
        },
        '📎',
      ),
      h(
        'button',
        {
          type: 'button',
          title: 'Make a poll',
          aria: { label: 'Make a poll' },
          onclick: () => pollForm.showModal(),
        },
        '📊',
      ),
    ]
  },
})
const matrixTry = suggestions([
  {
    name: 'formatted text',
    use: () =>
      matrixBox.set({
        text: 'Formatting **crosses**: *italic*, `code`, ~~struck~~, {red}red{/}, ||a spoiler||',
      }),
  },
  {
    name: 'a picture with a caption',
    use: async () => matrixBox.set({ file: await samplePicture(), text: 'The viaduct at noon' }),
  },
  { name: 'a poll', use: () => pollForm.showModal() },
  {
    name: 'several lines',
    use: () =>
      matrixBox.set({ text: 'One message\nof three lines\nis one message there, where the server can' }),
  },
  { name: '/me', use: () => matrixBox.set({ text: '/me waves from Matrix' }) },
])
const botTry = suggestions(
  ['help', 'status', 'list', 'login'].map((name) => ({ name, use: () => matrixBox.set({ text: name }) })),
)
const matrixActs = {
  get can() {
    return room()?.can ?? {}
  },
  wire,
  react: (item, key) => void post('matrix/react', { room: chosen.matrix, event: item.id, key }),
  reply: (item) => matrixBox.set({ reply: item }),
  edit: (item) => matrixBox.set({ edit: item, text: item.text }),
  redact: (item) => void post('matrix/redact', { room: chosen.matrix, event: item.id }),
  vote: (item, option) => void post('matrix/vote', { room: chosen.matrix, event: item.id, option }),
  retry: (row) => void post('matrix/send', { room: chosen.matrix, text: `!viaduct retry ${row}` }),
  end: (item) => void post('matrix/end', { room: chosen.matrix, event: item.id }),
}
const matrixPane = new Pane(
  document.getElementById('matrix'),
  [matrixTry, botTry, matrixBox.element],
  (item, first) => bubble(item, matrixActs, first),
  wire,
)

// --- Bob and Carol ---

const ircBox = composer({
  label: 'Write on IRC',
  placeholder: 'Write on IRC',
  typing: (typing) => void post('irc/typing', { place: chosen.irc, nick: nick(), typing }),
  send: ({ text, reply }) => post('irc/say', { place: chosen.irc, nick: nick(), text, replyTo: reply?.id }),
  extras: () => [speaker],
})
const ircTry = suggestions([
  {
    name: 'IRC colours',
    use: () => ircBox.set({ text: '**Bold**, {green}green{/} and `monospace` from IRC' }),
  },
  { name: '!vote 1', use: () => ircBox.set({ text: '!vote 1' }) },
  { name: '!poll', use: () => ircBox.set({ text: '!poll Tea? | yes | no' }) },
  { name: 'a mention', use: () => ircBox.set({ text: 'alice: are you there?' }) },
  { name: '/me', use: () => ircBox.set({ text: '/me waves from IRC' }) },
])
const ircActs = {
  get can() {
    return place()?.can ?? {}
  },
  wire,
  owns: (item) => item.from === nick(),
  react: (item, key) => void post('irc/react', { place: chosen.irc, nick: nick(), item: item.id, key }),
  reply: (item) => ircBox.set({ reply: item }),
  redact: (item) => void post('irc/redact', { place: chosen.irc, nick: nick(), item: item.id }),
}
const ircPane = new Pane(
  document.getElementById('irc'),
  [ircTry, ircBox.element],
  (item) => line(item, ircActs),
  () => `${wire()} ${nick()} ${place()?.can.react}`,
)
speaker.addEventListener('change', () => show('irc'))

// --- what is chosen ---

/** The conversation on the other side that is the same one. */
function twin(side, id) {
  const other = side === 'matrix' ? 'irc' : 'matrix'
  const one = state[side].get(id)
  return state[other].values().find(({ network, kind }) => network === one?.network && kind === one?.kind)?.id
}

function choose(side, id) {
  const other = side === 'matrix' ? 'irc' : 'matrix'
  chosen[side] = id
  chosen[other] = twin(side, id) ?? chosen[other]
  show('matrix')
  show('irc')
}

function show(side) {
  const conversation = state[side].get(chosen[side])
  if (!conversation) return
  seen[side].set(conversation.id, said(conversation))
  if (side === 'matrix') {
    matrixTry.hidden = conversation.kind === 'bot'
    botTry.hidden = !matrixTry.hidden
    matrixPane.show(conversation)
  } else {
    speaker.hidden = conversation.kind === 'dm'
    ircPane.show(conversation)
  }
  lists()
}

const NETWORKS = { demo: 'DemoNet', plain: 'PlainNet' }

function titleOf({ name, kind, network }) {
  if (kind === 'bot') return { sign: '🤖', name, under: 'log in, join, ask' }
  if (kind === 'dm') return { sign: '👤', name, under: 'private' }
  return { sign: '#', name: name.replace(/^#/, ''), under: NETWORKS[network] }
}

/** How much there is to read. */
const said = ({ items }) => items.filter(({ kind }) => kind !== 'event').length

function lists() {
  for (const [side, id] of [
    ['matrix', 'rooms'],
    ['irc', 'tabs'],
  ]) {
    const entries = state.order[side].flatMap((each) => {
      const conversation = state[side].get(each)
      if (!conversation) return []
      const unread = said(conversation) - (seen[side].get(each) ?? 0)
      return [
        { id: each, ...titleOf(conversation), current: each === chosen[side], unread: Math.max(0, unread) },
      ]
    })
    keep(document.getElementById(id), entries, (entry) =>
      h(
        'button',
        {
          type: 'button',
          className: entry.current ? 'current' : '',
          aria: { current: String(entry.current) },
          onclick: () => choose(side, entry.id),
        },
        h('span', { className: 'sign', aria: { hidden: 'true' } }, entry.sign),
        h('span', { className: 'name' }, entry.name, h('small', {}, entry.under)),
        entry.unread > 0 && !entry.current
          ? h('span', { className: 'unread', aria: { label: `${entry.unread} new` } }, String(entry.unread))
          : undefined,
      ),
    )
  }
}

// --- what comes from the server ---

function take(part, value) {
  if (part === 'status') {
    state.status = value
    showStatus(value)
    showOutages(value)
    return
  }
  const [, side, list, id] = /^(matrix|irc)(?:(-list)| (.+))$/.exec(part) ?? []
  if (list) state.order[side] = value
  else if (id) {
    state[side].set(id, value)
    if (!seen[side].has(id)) seen[side].set(id, said(value))
  }
  if (chosen.matrix === undefined) begin()
  if (id === chosen[side]) show(side)
  lists()
}

/** At first the channel where everything is possible. */
function begin() {
  const first = state.matrix.values().find(({ kind, network }) => kind === 'channel' && network === 'demo')
  if (first && state.irc.size > 0) choose('matrix', first.id)
}

listen(take, (connected) => document.body.classList.toggle('offline', !connected))
setInterval(() => state.status && showOutages(state.status), 250)

// --- buttons ---

document.getElementById('wire').addEventListener('change', () => {
  show('matrix')
  show('irc')
})
for (const button of document.querySelectorAll('[data-outage]')) {
  button.addEventListener('click', () => void post('outage', { kind: button.dataset.outage, ms: OUTAGE_MS }))
}
document.getElementById('burst').addEventListener('click', () => {
  if (room()?.kind === 'bot') choose('irc', state.order.irc[0])
  void post('burst', { room: chosen.matrix, irc: chosen.irc })
})
document.getElementById('poll-cancel').addEventListener('click', () => pollForm.close())
document.getElementById('poll-send').addEventListener('click', () => void sendPoll())
for (const button of document.querySelectorAll('.copy'))
  button.addEventListener('click', () => void copy(button))

async function sendPoll() {
  const { question, options } = pollForm.querySelector('form').elements
  const answers = options.value.split('\n').filter((text) => text.trim() !== '')
  if (question.value.trim() === '' || answers.length < 2) {
    toast('A poll needs a question and two answers.')
    return
  }
  const poll = { room: chosen.matrix, question: question.value, options: answers }
  if (await post('matrix/poll', poll)) pollForm.close()
}

async function copy(button) {
  await navigator.clipboard.writeText(button.previousElementSibling.textContent)
  button.textContent = 'copied'
}
