import { h } from './dom.js'

/** One sound at a time. */
let playing

const MOST_BARS = 50

const time = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.round(ms / 1_000) % 60).padStart(2, '0')}`

/** A voice message as messengers show it: a button, its loudness, its length. */
export function sound({ url, name, waveform = [], durationMs = 0 }) {
  const bars = squeezed(waveform).map((height) => {
    const bar = h('i')
    bar.style.height = `${Math.max(8, Math.round((height * 100) / 1_024))}%`
    return bar
  })
  const button = h('button', { type: 'button', aria: { label: `Play ${name}` }, onclick: toggle }, '▶')
  function toggle() {
    const again = playing?.button === button
    playing?.stop()
    if (again) return
    const audio = new Audio(`/${url}`)
    const stop = () => {
      audio.pause()
      button.textContent = '▶'
      playing = undefined
    }
    playing = { button, stop }
    button.textContent = '⏸'
    audio.addEventListener('ended', stop)
    audio.play().catch(stop)
  }
  return h(
    'div',
    { className: 'voice' },
    button,
    h('span', { className: 'wave', aria: { hidden: 'true' } }, bars),
    h('time', {}, time(durationMs)),
  )
}

/** So many bars at most, each as high as the loudest that it stands for. */
function squeezed(heights) {
  const count = Math.min(MOST_BARS, heights.length)
  const at = (i) => Math.floor((i * heights.length) / count)
  return Array.from({ length: count }, (_, i) => Math.max(...heights.slice(at(i), at(i + 1))))
}
