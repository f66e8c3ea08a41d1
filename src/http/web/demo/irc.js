import { post } from './api.js'
import { composer, speaker, suggestions } from './composer.js'
import { line } from './items.js'
import { Pane } from './pane.js'
import { current } from './store.js'
import { wire } from './wire.js'

const place = () => current('irc')
const who = speaker(() => irc.show(place()))
const act = (name, more) => post(`irc/${name}`, { place: place().id, who: who.name(), ...more })

const box = composer({
  label: 'Write on IRC',
  placeholder: 'Write on IRC',
  typing: (typing) => void act('typing', { typing }),
  send: ({ text, reply }) => act('say', { text, replyTo: reply?.id }),
  extras: () => [who.element],
})
const tries = suggestions([
  { name: 'IRC colours', use: () => box.set({ text: '**Bold**, {green}green{/} and `monospace` from IRC' }) },
  { name: '!vote 1', use: () => box.set({ text: '!vote 1' }) },
  { name: '!poll', use: () => box.set({ text: '!poll Tea? | yes | no' }) },
  { name: 'a mention', use: () => box.set({ text: 'alice: are you there?' }) },
  { name: '/me', use: () => box.set({ text: '/me waves from IRC' }) },
])
const acts = {
  get can() {
    return place()?.can ?? {}
  },
  wire,
  owns: (item) => item.from === who.name(),
  react: (item, key) => void act('react', { item: item.id, key }),
  reply: (item) => box.set({ reply: item }),
  redact: (item) => void act('redact', { item: item.id }),
}
const pane = new Pane(
  document.getElementById('irc'),
  [tries, box.element],
  (item) => line(item, acts),
  () => `${wire()} ${who.name()} ${place()?.can.react}`,
)

/** Bob and Carol in their clients. */
export const irc = {
  name: 'IRC',
  about: 'Bob and Carol in their clients',
  show(conversation) {
    who.offer(conversation.people)
    pane.show(conversation)
  },
}
