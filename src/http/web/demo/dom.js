/**
 * Makes an element. Properties are set as such; `on…` are listeners, `data` and `aria` are attributes. Children are
 * nodes or text, and what is missing is left out.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'data') Object.assign(element.dataset, value)
    else if (name === 'aria') {
      for (const [key, text] of Object.entries(value)) element.setAttribute(`aria-${key}`, text)
    } else element[name] = value
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== ''))
  return element
}

/** HTML that the server has sanitised, as nodes: links open elsewhere, colours and spoilers get their looks. */
export function rich(html) {
  const { body } = new DOMParser().parseFromString(html, 'text/html')
  for (const link of body.querySelectorAll('a')) {
    link.target = '_blank'
    link.rel = 'noopener noreferrer'
  }
  for (const span of body.querySelectorAll('[data-mx-color], [data-mx-bg-color]')) {
    span.style.color = span.dataset.mxColor ?? ''
    span.style.backgroundColor = span.dataset.mxBgColor ?? ''
  }
  for (const spoiler of body.querySelectorAll('[data-mx-spoiler]')) {
    spoiler.classList.add('spoiler')
    spoiler.tabIndex = 0
    spoiler.title = 'A spoiler: click to show'
    spoiler.addEventListener('click', () => spoiler.classList.toggle('open'))
  }
  for (const image of body.querySelectorAll('img')) image.replaceWith(image.alt)
  const fragment = document.createDocumentFragment()
  fragment.append(...[...body.childNodes].map((node) => document.adoptNode(node)))
  linkify(fragment)
  return fragment
}

/** Addresses in plain text become links. */
function linkify(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts = []
  while (walker.nextNode()) texts.push(walker.currentNode)
  for (const text of texts) {
    if (text.parentElement?.closest('a, code') || !/https?:\/\//.test(text.data)) continue
    const parts = text.data.split(/(https?:\/\/[^\s<>"]+)/)
    const nodes = parts.map((part, i) =>
      i % 2 === 0
        ? part
        : h('a', { href: part, target: '_blank', rel: 'noopener noreferrer' }, shorten(part)),
    )
    text.replaceWith(...nodes)
  }
}

/** The address of an attachment holds a long signature that nobody reads. */
function shorten(address) {
  const { host, pathname } = new URL(address)
  const parts = pathname.split('/')
  return address.length < 60 ? address : `http://${host}/${parts[1] ?? ''}/…/${parts.at(-1) ?? ''}`
}

/**
 * Brings the children of a list up to date: `items` have an `id`, `make` makes an element of one, and what has not
 * changed stays as it is. `salt` is what else an element depends on.
 */
export function keep(list, items, make, salt = () => '') {
  const before = new Map([...list.children].map((child) => [child.dataset.key, child]))
  items.forEach((item, i) => {
    const print = JSON.stringify(item) + salt(item, i)
    const known = before.get(item.id)
    before.delete(item.id)
    const element = known?.print === print ? known : make(item, i)
    element.dataset.key = item.id
    element.print = print
    if (known && known !== element) known.replaceWith(element)
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null)
  })
  for (const gone of before.values()) gone.remove()
}

export const clock = (ms) =>
  new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false })
