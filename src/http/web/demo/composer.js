import { h } from './dom.js'

const TYPING_EVERY_MS = 2_500
const TYPING_ENDS_MS = 4_000
const HIGHEST_PX = 140

/**
 * The box in which somebody writes. `deps`: `label` and `placeholder`, `send(draft)` which answers whether it went
 * out, `typing(now)`, and `extras`, elements before the button. A draft is `{ text, reply, edit, file }`.
 */
export function composer(deps) {
  const draft = { reply: undefined, edit: undefined, file: undefined }
  const box = h('textarea', { rows: 1, placeholder: deps.placeholder, aria: { label: deps.label } })
  const about = h('div', { className: 'about', hidden: true })
  const button = h('button', { type: 'submit', className: 'primary', aria: { label: 'Send' } }, '➤')
  let typedAt = 0
  let idle

  const grow = () => {
    box.style.height = 'auto'
    const wanted = box.scrollHeight + box.offsetHeight - box.clientHeight
    box.style.height = `${Math.min(wanted, HIGHEST_PX)}px`
    box.style.overflowY = wanted > HIGHEST_PX ? 'auto' : 'hidden'
  }
  const show = () => {
    const { reply, edit, file } = draft
    const words = edit
      ? `Editing: ${edit.text}`
      : reply
        ? `Replying to ${reply.from}: ${reply.text}`
        : file
          ? `📎 ${file.name} – what you write is its caption`
          : ''
    about.hidden = words === ''
    about.replaceChildren(
      h('span', {}, words),
      h('button', { type: 'button', aria: { label: 'Take it back' }, onclick: () => set({}) }, '✕'),
    )
  }
  const set = (change) => {
    Object.assign(draft, { reply: undefined, edit: undefined, file: undefined }, change)
    if (change.text !== undefined) box.value = change.text
    show()
    grow()
    box.focus()
  }
  const stopTyping = () => {
    clearTimeout(idle)
    if (typedAt !== 0) deps.typing(false)
    typedAt = 0
  }
  const send = async () => {
    const text = box.value.trim()
    if (text === '' && draft.file === undefined) return
    button.disabled = true
    stopTyping()
    const sent = await deps.send({ ...draft, text })
    button.disabled = false
    if (sent) set({ text: '' })
  }
  box.addEventListener('input', () => {
    grow()
    clearTimeout(idle)
    idle = setTimeout(stopTyping, TYPING_ENDS_MS)
    if (box.value === '') return stopTyping()
    if (Date.now() - typedAt < TYPING_EVERY_MS) return undefined
    typedAt = Date.now()
    return deps.typing(true)
  })
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') set({ text: draft.edit ? '' : box.value })
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void send()
  })
  const element = h(
    'form',
    {
      className: 'composer',
      onsubmit: (event) => {
        event.preventDefault()
        void send()
      },
    },
    about,
    h('div', { className: 'row' }, ...(deps.extras?.(set) ?? []), box, button),
  )
  return { element, set }
}

/** Small buttons that put something into the box. */
export function suggestions(list) {
  return h(
    'div',
    { className: 'try' },
    h('span', {}, 'Try'),
    list.map(({ name, use }) => h('button', { type: 'button', onclick: use }, name)),
  )
}

export const iconButton = (label, sign, onclick) =>
  h('button', { type: 'button', title: label, aria: { label }, onclick }, sign)

/** A button that puts a file into the draft; `set` is that of the composer. */
export function picker(set) {
  const input = h('input', { type: 'file', hidden: true, aria: { label: 'A file to attach' } })
  input.addEventListener('change', () => {
    if (input.files[0]) set({ file: input.files[0] })
    input.value = ''
  })
  return h(
    'span',
    {},
    input,
    iconButton('Attach a file', '📎', () => input.click()),
  )
}

/** Who writes: `offer(names)` says who can, and there is nothing to choose when it is one. */
export function speaker(changed) {
  const element = h('select', { aria: { label: 'Who writes' } })
  let offered = ''
  element.addEventListener('change', changed)
  return {
    element,
    name: () => element.value,
    offer(names) {
      if (offered === names.join()) return
      const before = element.value
      offered = names.join()
      element.replaceChildren(...names.map((name) => h('option', {}, name)))
      if (names.includes(before)) element.value = before
      element.hidden = names.length < 2
    },
  }
}
