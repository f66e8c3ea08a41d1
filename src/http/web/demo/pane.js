import { h, keep } from './dom.js'

const GROUP_MS = 3 * 60_000
const NEAR_END_PX = 80

/** One conversation on the screen: its name, what was said, who types, and the box below. */
export class Pane {
  #list = h('ol', { className: 'items', role: 'log', aria: { live: 'off' }, tabIndex: 0 })
  #name = h('h3')
  #about = h('p')
  #typing = h('p', { className: 'typing', aria: { live: 'polite' } })
  #shown
  #atEnd = true
  #make
  #salt

  /** `make(item, first)` makes an element of an item; `salt()` is what else that depends on. */
  constructor(element, below, make, salt) {
    this.#make = make
    this.#salt = salt
    this.#list.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#list
      this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
    })
    // A picture has its height when it is there.
    this.#list.addEventListener('load', () => this.#follow(), true)
    element.append(
      h('div', { className: 'conversation-head' }, this.#name, this.#about),
      this.#list,
      this.#typing,
      ...below,
    )
  }

  show(conversation) {
    const { id, name, about, members, items, typing } = conversation
    const other = this.#shown !== id
    if (other) {
      this.#list.replaceChildren()
      this.#atEnd = true
    }
    this.#shown = id
    this.#name.textContent = name
    this.#about.textContent = about
    this.#about.title = members.length === 0 ? '' : `Here: ${members.join(', ')}`
    const firsts = items.map((item, i) => isFirst(item, items[i - 1]))
    keep(
      this.#list,
      items,
      (item, i) => this.#make(item, firsts[i]),
      (_, i) => `${firsts[i]} ${this.#salt()}`,
    )
    this.#follow()
    const verb = typing.length === 1 ? 'types' : 'type'
    this.#typing.textContent = typing.length === 0 ? '' : `${typing.join(' and ')} ${verb} …`
  }

  /** Whoever looks at the end goes on looking at the end. */
  #follow() {
    if (this.#atEnd) this.#list.scrollTop = this.#list.scrollHeight
  }
}

function isFirst(item, before) {
  if (before === undefined || before.kind === 'event') return true
  return before.from !== item.from || item.at - before.at > GROUP_MS
}
