/**
 * Makes an element. Properties are set as such; `on…` are listeners, `data` and `aria` are attributes. Children are
 * nodes or text, and what is missing is left out: text never becomes markup.
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

/**
 * Brings the children of a list up to date. What has not changed stays the same element, so that the focus stays where
 * it is. Each item has a `key`.
 */
export function keep(list, items, make) {
  const before = new Map([...list.children].map((child) => [child.dataset.key, child]))
  items.forEach((item, i) => {
    const print = JSON.stringify(item)
    const known = before.get(item.key)
    before.delete(item.key)
    const element = known?.print === print ? known : make(item)
    element.dataset.key = item.key
    element.print = print
    if (known && known !== element) replace(known, element)
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null)
  })
  for (const gone of before.values()) gone.remove()
}

/** A row that changed while its button had the focus gives it to the same button of the new row. */
function replace(known, element) {
  const focused = known.contains(document.activeElement)
  known.replaceWith(element)
  if (focused) element.querySelector('button')?.focus()
}

/** Writes a text only where it differs, or a screen reader would say it every time. */
export function write(id, text) {
  const element = document.getElementById(id)
  if (element.textContent !== text) element.textContent = text
}

let hiding

/** Tells the person something for a few seconds. */
export function toast(text) {
  const box = document.getElementById('toast')
  box.textContent = text
  box.hidden = false
  clearTimeout(hiding)
  hiding = setTimeout(() => {
    box.hidden = true
  }, 6_000)
}

/** Asks before something that cannot be taken back. @returns whether the person wants it */
export function ask(title, text, yes) {
  const dialog = document.getElementById('ask')
  write('ask-title', title)
  write('ask-text', text)
  write('ask-yes', yes)
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}
