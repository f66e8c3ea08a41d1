import { clock, h, rich } from './dom.js'
import { sound } from './sound.js'

/** Those that Telegram has, too: there are no others on it. */
const EMOJI = ['👍', '❤️', '😁', '🎉', '👀', '🔥']

const MARKS = {
  queued: '○',
  sending: '◐',
  parked: '⏸',
  delivered: '✓',
  rejected: '✕',
  unknown: '?',
  expired: '✕',
  missed: '–',
}

const WORDS = {
  parked: 'waiting',
  rejected: 'not delivered',
  expired: 'not delivered in time',
  missed: 'not heard',
}

const FAILED = ['rejected', 'unknown', 'expired']

/** How far a delivery has come, as the ledger has it. */
function chip({ what, state, why, row, attempts, tookMs }, acts) {
  const quiet = state === 'delivered'
  const about = what === 'message' || what === 'command' ? '' : `${what} `
  const words = WORDS[state] ?? state
  const took = quiet && tookMs !== undefined && what === 'message' ? ` · ${duration(tookMs)}` : ''
  const details = [
    row === undefined ? undefined : `row ${row} of the ledger`,
    attempts > 1 ? `${attempts} attempts` : undefined,
    tookMs === undefined ? undefined : `took ${duration(tookMs)}`,
    why,
  ]
  return h(
    'span',
    { className: `chip ${state}`, title: details.filter(Boolean).join(', ') },
    h('b', { aria: { hidden: 'true' } }, MARKS[state]),
    ` ${about}${words}${took}`,
    why !== undefined && !quiet ? h('i', {}, why) : undefined,
    acts.retry && FAILED.includes(state)
      ? h('button', { type: 'button', onclick: () => acts.retry(row) }, 'send again')
      : undefined,
  )
}

export const duration = (ms) =>
  ms < 1_000
    ? `${Math.round(ms)} ms`
    : ms < 60_000
      ? `${(ms / 1_000).toFixed(1)} s`
      : `${Math.round(ms / 60_000)} min`

const initialOf = (name) => [...name].find((letter) => /[\p{L}\p{N}]/u.test(letter))?.toUpperCase() ?? '?'

const colourOf = (name) => `c${[...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 8}`

function reactions(item, acts) {
  if (item.reactions.length === 0) return undefined
  return h(
    'div',
    { className: 'reactions' },
    item.reactions.map(({ key, by, mine }) =>
      h(
        'button',
        {
          type: 'button',
          className: mine ? 'reaction mine' : 'reaction',
          title: by.join(', '),
          aria: { label: `${key} by ${by.join(', ')}`, pressed: String(mine) },
          disabled: !acts.can.react,
          onclick: () => acts.react(item, key),
        },
        key,
        h('span', {}, String(by.length)),
      ),
    ),
  )
}

function poll(item, acts) {
  const { question, options, voters, ended } = item.poll
  return h(
    'div',
    { className: 'poll' },
    h('strong', {}, `📊 ${question}`),
    options.map((option) => {
      const share = voters === 0 ? 0 : Math.round((option.votes * 100) / voters)
      const bar = h('span', { className: 'bar', aria: { hidden: 'true' } })
      bar.style.width = `${share}%`
      return h(
        'button',
        {
          type: 'button',
          className: option.mine ? 'option mine' : 'option',
          disabled: ended || !acts.vote,
          aria: { pressed: String(option.mine) },
          onclick: () => acts.vote(item, option.id),
        },
        bar,
        h('span', {}, option.text),
        h('span', { className: 'count' }, option.votes === 0 ? '' : `${option.votes} · ${share}%`),
      )
    }),
    h('small', {}, ended ? 'The poll has ended.' : `${voters} ${voters === 1 ? 'vote' : 'votes'}`),
  )
}

function media(item) {
  const { url, name } = item.media
  if (item.kind === 'voice') return sound(item.media)
  if (item.kind === 'sticker') return h('img', { className: 'sticker', src: `/${url}`, alt: 'A sticker' })
  if (item.kind === 'image') {
    const image = h('img', { src: `/${url}`, alt: item.text || name, loading: 'lazy' })
    return h('a', { className: 'picture', href: `/${url}`, target: '_blank' }, image)
  }
  return h('a', { className: 'file', href: `/${url}`, target: '_blank', download: name }, `📎 ${name}`)
}

function body(item, acts) {
  if (item.redacted) return [h('em', { className: 'deleted' }, '🗑 Message deleted')]
  return [
    item.reply && h('blockquote', { className: 'reply' }, h('b', {}, item.reply.from), ` ${item.reply.text}`),
    item.media && media(item),
    item.poll ? poll(item, acts) : h('div', { className: 'words' }, rich(item.html)),
    item.edited ? h('small', { className: 'edited' }, '(edited)') : undefined,
  ].filter(Boolean)
}

function tool(label, sign, onclick) {
  return h('button', { type: 'button', title: label, aria: { label }, onclick }, sign)
}

function tools(item, acts) {
  if (item.kind === 'event' || item.redacted) return undefined
  const { can } = acts
  const own = acts.owns ? acts.owns(item) : item.mine
  const bar = h(
    'div',
    {
      className: 'tools',
      role: 'toolbar',
      aria: { label: 'What to do with this message' },
      onkeydown: moveFocus,
    },
    can.react ? EMOJI.map((key) => tool(`React with ${key}`, key, () => acts.react(item, key))) : [],
    can.reply ? tool('Reply', '↩', () => acts.reply(item)) : undefined,
    own && acts.edit && ['text', 'emote'].includes(item.kind)
      ? tool('Edit', '✎', () => acts.edit(item))
      : undefined,
    own && acts.end && item.poll && !item.poll.ended
      ? tool('End the poll', '⏹', () => acts.end(item))
      : undefined,
    own && can.redact ? tool('Delete', '🗑', () => acts.redact(item)) : undefined,
  )
  for (const button of [...bar.children].slice(1)) button.tabIndex = -1
  return bar
}

/** The arrow keys go from button to button, so that Tab goes from message to message. */
function moveFocus(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (step === undefined) return
  const buttons = [...event.currentTarget.children]
  const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length]
  next?.focus()
}

const chips = (item, acts) =>
  item.chips.length === 0
    ? undefined
    : h(
        'div',
        { className: 'chips' },
        item.chips.map((each) => chip(each, acts)),
      )

/** Whether anybody has read it. Where clients show single ticks too, `acts.ticks` is set. */
function ticks({ mine, redacted, kind, readBy, arrived }, acts) {
  if (!mine || redacted || kind === 'event' || readBy === undefined) return undefined
  if (readBy.length > 0)
    return h('span', { className: 'ticks', title: `Read by ${readBy.join(', ')}` }, '✓✓ read')
  if (!acts.ticks) return undefined
  return arrived === true
    ? h('span', { className: 'ticks arrived', title: 'It has arrived, and was not read yet' }, '✓✓')
    : h('span', { className: 'ticks', title: 'Not read yet' }, '✓')
}

const raw = (item, acts) =>
  acts.wire() && item.kind !== 'event' ? h('pre', { className: 'raw' }, item.raw) : undefined

/** A message as Matrix clients show it. `first`: its author has not written the one before. */
export function bubble(item, acts, first) {
  if (item.kind === 'event') return h('li', { className: 'event' }, item.text)
  const emote = item.kind === 'emote' ? h('span', { className: 'emote' }, `* ${item.from} `) : undefined
  return h(
    'li',
    { className: `bubble is-${item.kind}${item.mine ? ' mine' : ''}${first ? ' first' : ''}`, tabIndex: -1 },
    first
      ? h(
          'span',
          { className: `avatar ${colourOf(item.from)}`, aria: { hidden: 'true' } },
          initialOf(item.from),
        )
      : undefined,
    h(
      'div',
      { className: 'said' },
      first
        ? h('div', { className: 'who' }, h('b', {}, item.from), h('time', {}, clock(item.at)))
        : undefined,
      h('div', { className: 'content' }, emote, body(item, acts)),
      ticks(item, acts),
      chips(item, acts),
      reactions(item, acts),
      raw(item, acts),
    ),
    tools(item, acts),
  )
}

/** A line as IRC clients show it. */
export function line(item, acts) {
  const time = h('time', {}, clock(item.at))
  if (item.kind === 'event') return h('li', { className: 'line event' }, time, `— ${item.text}`)
  const who =
    { text: `<${item.from}>`, notice: `-${item.from}-`, emote: `* ${item.from}` }[item.kind] ?? item.from
  return h(
    'li',
    { className: `line is-${item.kind}`, tabIndex: -1 },
    time,
    h('b', { className: colourOf(item.from) }, who),
    h(
      'div',
      { className: 'said' },
      h('div', { className: 'content' }, body(item, acts)),
      chips(item, acts),
      reactions(item, acts),
      raw(item, acts),
    ),
    tools(item, acts),
  )
}
