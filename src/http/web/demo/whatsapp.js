import { post, upload } from './api.js'
import { composer, iconButton, picker, speaker, suggestions } from './composer.js'
import { bubble } from './items.js'
import { Pane } from './pane.js'
import { askForPoll } from './poll-form.js'
import { read } from './reading.js'
import { samplePicture } from './sample.js'
import { current } from './store.js'
import { wire } from './wire.js'

const place = () => current('whatsapp')
const who = speaker(() => whatsapp.show(place()))
const act = (name, more) => post(`whatsapp/${name}`, { place: place().id, who: who.name(), ...more })

const poll = () =>
  askForPoll(
    'On Matrix it is a poll too, and votes cross both ways. Polls of WhatsApp have no end.',
    (asked) => act('poll', asked),
  )

const box = composer({
  label: 'Write on WhatsApp',
  placeholder: 'Write on WhatsApp',
  typing: (typing) => void act('typing', { typing }),
  send: ({ text, reply, edit, file }) =>
    file
      ? upload('whatsapp', file, { to: place().id, who: who.name(), name: file.name, caption: text })
      : edit
        ? act('edit', { item: edit.id, text })
        : act('say', { text, replyTo: reply?.id }),
  extras: (set) => [who.element, picker(set), iconButton('Make a poll', '📊', poll)],
})
const tries = suggestions([
  {
    name: 'formatting',
    use: () => box.set({ text: '*Bold*, _italic_, ~struck~ and `code` from WhatsApp' }),
  },
  {
    name: 'a picture',
    use: async () => box.set({ file: await samplePicture(), text: 'Sent from my phone' }),
  },
  { name: 'voice', use: () => void act('voice') },
  { name: 'a sticker', use: () => void act('sticker') },
  { name: 'a poll', use: poll },
])
const acts = {
  get can() {
    return place()?.can ?? {}
  },
  wire,
  ticks: true,
  owns: (item) => item.from === who.name(),
  react: (item, key) => void act('react', { item: item.id, key }),
  reply: (item) => box.set({ reply: item }),
  edit: (item) => box.set({ edit: item, text: item.text }),
  redact: (item) => void act('redact', { item: item.id }),
  vote: (item, option) => void act('vote', { item: item.id, option }),
}
const pane = new Pane(
  document.getElementById('whatsapp'),
  [tries, box.element],
  (item, first) => bubble(item, acts, first),
  () => `${wire()} ${who.name()}`,
)

/** Sam's phone; in groups Nora can write as well. */
export const whatsapp = {
  name: 'WhatsApp',
  about: 'what Sam’s phone shows',
  show(conversation) {
    who.offer(conversation.people)
    pane.show(conversation)
    const [owner] = conversation.people
    read(conversation, ({ id }) => post('whatsapp/read', { place: conversation.id, who: owner, item: id }))
  },
}
