import { h, keep } from './dom.js'
import { current, listed, of, SIDES, unread } from './store.js'

const SIGNS = { bot: '🤖', dm: '👤', channel: '#', group: '👥', topic: '💬' }

function entry(side, conversation, choose) {
  const { id, name, kind, under } = conversation
  const isCurrent = id === of(side).chosen
  const news = unread(side, conversation)
  return h(
    'button',
    {
      type: 'button',
      className: isCurrent ? 'current' : '',
      aria: { current: String(isCurrent) },
      onclick: () => choose(side, id),
    },
    h('span', { className: 'sign', aria: { hidden: 'true' } }, SIGNS[kind]),
    h(
      'span',
      { className: 'name' },
      kind === 'channel' ? name.replace(/^#/, '') : name,
      h('small', {}, under),
    ),
    news > 0 && !isCurrent ? count(news) : undefined,
  )
}

const count = (news) => h('span', { className: 'unread', aria: { label: `${news} new` } }, String(news))

/** What an entry depends on. */
const print = (side, conversation) => ({
  id: conversation.id,
  shown: [
    conversation.name,
    conversation.under,
    unread(side, conversation),
    conversation.id === of(side).chosen,
  ],
  conversation: () => conversation,
})

/** Alice's rooms, side by side; `names` are those of the sides. */
export function showRooms(names, choose) {
  const rooms = listed('matrix')
  const entries = rooms.flatMap((room, i) => {
    const side = SIDES.find((each) => of(each).conversations.has(room.twin))
    const before = SIDES.find((each) => of(each).conversations.has(rooms[i - 1]?.twin))
    const head = side !== undefined && side !== before ? [{ id: `head ${side}`, head: names[side] }] : []
    return [...head, print('matrix', room)]
  })
  keep(document.getElementById('rooms'), entries, ({ head, conversation }) =>
    head ? h('p', { className: 'head' }, head) : entry('matrix', conversation(), choose),
  )
}

/** The conversations of the side that is shown. */
export function showTabs(side, choose) {
  const entries = listed(side).map((each) => print(side, each))
  keep(document.getElementById('tabs'), entries, ({ conversation }) => entry(side, conversation(), choose))
}

/** The switch between the sides. */
export function showSides(shown, names, change) {
  const entries = SIDES.map((side) => {
    const news = listed(side).reduce((sum, each) => sum + unread(side, each), 0)
    return {
      id: side,
      isShown: side === shown,
      news: side === shown ? 0 : news,
      ready: current(side) !== undefined,
    }
  })
  keep(document.getElementById('sides'), entries, ({ id, isShown, news }) =>
    h(
      'button',
      { type: 'button', aria: { pressed: String(isShown) }, onclick: () => change(id) },
      names[id],
      news > 0 ? count(news) : undefined,
    ),
  )
}

/** On narrow screens the lists are strips: moves what is chosen to where it is seen. */
export function showChosen() {
  for (const list of document.querySelectorAll('.rooms, .tabs')) {
    const chosen = list.querySelector('.current')?.getBoundingClientRect()
    const { left, width } = list.getBoundingClientRect()
    if (chosen) list.scrollLeft += chosen.left + chosen.width / 2 - left - width / 2
  }
}
