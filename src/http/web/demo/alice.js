import { post, upload } from './api.js'
import { composer, iconButton, picker, suggestions } from './composer.js'
import { bubble } from './items.js'
import { Pane } from './pane.js'
import { askForPoll } from './poll-form.js'
import { read } from './reading.js'
import { samplePicture } from './sample.js'
import { current } from './store.js'
import { wire } from './wire.js'

const room = () => current('matrix')
const act = (name, more) => post(`matrix/${name}`, { room: room().id, ...more })

const POLL_NOTES = {
  telegram: 'Telegram has polls of its own: people there vote as usual.',
}
const NO_POLLS = 'IRC has no polls: people there see it written out and vote with !vote 1.'

const poll = () => askForPoll(POLL_NOTES[room().network] ?? NO_POLLS, (asked) => act('poll', asked))

const box = composer({
  label: 'Write as Alice',
  placeholder: 'Write as Alice',
  typing: (typing) => void act('typing', { typing }),
  send: ({ text, reply, edit, file }) =>
    file
      ? upload('matrix', file, { to: room().id, name: file.name, caption: text })
      : act('send', { text, replyTo: reply?.id, edit: edit?.id }),
  extras: (set) => [picker(set), iconButton('Make a poll', '📊', poll)],
})

const chatTry = suggestions([
  {
    name: 'formatting',
    use: () =>
      box.set({
        text: 'Formatting **crosses**: *italic*, `code`, ~~struck~~, {red}red{/}, ||a spoiler||',
      }),
  },
  {
    name: 'a picture',
    use: async () => box.set({ file: await samplePicture(), text: 'The viaduct at noon' }),
  },
  { name: 'a poll', use: poll },
  { name: 'voice', use: () => void act('sample', { what: 'voice' }) },
  { name: 'a sticker', use: () => void act('sample', { what: 'sticker' }) },
  {
    name: 'lines',
    use: () => box.set({ text: 'One message\nof three lines\nis one message there, where the server can' }),
  },
  { name: '/me', use: () => box.set({ text: '/me waves from Matrix' }) },
])
const botTry = suggestions(
  ['help', 'status', 'list', 'login'].map((name) => ({ name, use: () => box.set({ text: name }) })),
)

const acts = {
  get can() {
    return room()?.can ?? {}
  },
  wire,
  react: (item, key) => void act('react', { event: item.id, key }),
  reply: (item) => box.set({ reply: item }),
  edit: (item) => box.set({ edit: item, text: item.text }),
  redact: (item) => void act('redact', { event: item.id }),
  vote: (item, option) => void act('vote', { event: item.id, option }),
  retry: (row) => void act('send', { text: `!viaduct retry ${row}` }),
  end: (item) => void act('end', { event: item.id }),
}

const pane = new Pane(
  document.getElementById('matrix'),
  [chatTry, botTry, box.element],
  (item, first) => bubble(item, acts, first),
  wire,
)

/** Alice in her client. */
export const alice = {
  show(conversation) {
    const isBot = conversation.kind === 'bot'
    chatTry.hidden = isBot
    botTry.hidden = !isBot
    pane.show(conversation)
    if (!isBot) read(conversation, ({ id }) => post('matrix/read', { room: conversation.id, event: id }))
  },
}
