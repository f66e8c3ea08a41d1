import { ask, h } from './dom.js'
import { ago } from './times.js'
import { DELIVERY_STATES, WAITS_FOR, plural, way } from './words.js'

const MOST_BEHIND = 1000

/** A delivery that was given up. */
export const failedRow = (line, act) =>
  row(
    line,
    line.endedAt,
    h('span', { className: `badge ${line.state}` }, DELIVERY_STATES[line.state] ?? line.state),
    {
      name: 'Retry',
      run: async () => {
        const sure =
          line.state !== 'unknown' ||
          (await ask(
            'It may be there already',
            'Nobody knows whether this one was sent before the connection ended. If it was, it will be there twice.',
            'Retry all the same',
          ))
        return sure && act('retry', line)
      },
    },
  )

/** The first delivery of a conversation, which does not get through. */
export const waitingRow = (line, act) => {
  const { state, waitsFor, attempts, notBefore, behind } = line
  const name = state === 'queued' && attempts === 0 ? 'queued' : (DELIVERY_STATES[state] ?? state)
  const words = [
    `${name}${waitsFor ? ` ${WAITS_FOR[waitsFor] ?? waitsFor}` : ''}`,
    attempts > 0 ? `, ${plural(attempts, 'attempt')}` : '',
    notBefore && Date.parse(notBefore) > Date.now() && state !== 'parked'
      ? `, next at ${new Date(notBefore).toLocaleTimeString()}`
      : '',
  ].join('')
  const queue = behind >= MOST_BEHIND ? `${MOST_BEHIND} or more behind it` : `${behind} behind it`
  const status = h(
    'span',
    {},
    h('span', { className: `badge ${state}` }, words),
    behind > 0 ? ` ${queue}` : '',
  )
  return row(line, line.createdAt, status, {
    name: 'Discard',
    run: async () =>
      (await ask(
        'Give this delivery up?',
        'It will not be sent, and its sender is not told. What stands behind it goes on. It can be retried from the list below.',
        'Discard',
      )) && act('discard', line),
  })
}

function row(line, when, status, { name, run }) {
  const { id, chatId, roomId, kind, sender, code, why } = line
  return h(
    'tr',
    {},
    h(
      'td',
      { data: { name: 'When' }, className: 'when' },
      when ? ago(when, ' ago') : '–',
      h('small', {}, `no. ${id}`),
    ),
    h(
      'td',
      { data: { name: 'Conversation' } },
      h('strong', {}, chatId),
      h('small', {}, roomId ?? 'no room yet'),
    ),
    h(
      'td',
      { data: { name: 'What' } },
      `${kind} `,
      h('span', { className: 'soft' }, way(line)),
      h('small', {}, sender),
    ),
    h(
      'td',
      { data: { name: 'Why' }, className: 'reason' },
      status,
      code ? h('code', {}, code) : '',
      h('p', {}, why ?? ''),
    ),
    h(
      'td',
      { className: 'action' },
      h('button', { type: 'button', onclick: guarded(run), aria: { label: `${name} delivery ${id}` } }, name),
    ),
  )
}

/** A second press while the first is under way does nothing. */
const guarded = (run) => async (event) => {
  const button = event.currentTarget
  if (button.getAttribute('aria-disabled') === 'true') return
  // Not `disabled`: that would take the focus away.
  button.setAttribute('aria-disabled', 'true')
  try {
    await run()
  } finally {
    button.removeAttribute('aria-disabled')
  }
}
