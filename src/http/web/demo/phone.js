import { post, upload } from './api.js'
import { composer, iconButton, picker, speaker, suggestions } from './composer.js'
import { bubble } from './items.js'
import { Pane } from './pane.js'
import { askForPoll } from './poll-form.js'
import { read } from './reading.js'
import { samplePicture } from './sample.js'
import { current } from './store.js'
import { wire } from './wire.js'

/**
 * Makes the pane of a phone. `network`: `id`, that of its side; `name`; `about`, whose phone it is; `aboutPolls`, what
 * becomes of one; `formatting`, a message with all marks of the network; and what this network has beside, given
 * `act(name, more)`: `samples(act)`, more to try, and `acts(act)`, more to do with a message.
 */
export function phone({ id, name, about, aboutPolls, formatting, samples, acts }) {
  const place = () => current(id)
  const who = speaker(() => show(place()))
  const act = (what, more) => post(`${id}/${what}`, { place: place().id, who: who.name(), ...more })
  const poll = () => askForPoll(aboutPolls, (asked) => act('poll', asked))

  const box = composer({
    label: `Write on ${name}`,
    placeholder: `Write on ${name}`,
    typing: (typing) => void act('typing', { typing }),
    send: ({ text, reply, edit, file }) =>
      file
        ? upload(id, file, { to: place().id, who: who.name(), name: file.name, caption: text })
        : edit
          ? act('edit', { item: edit.id, text })
          : act('say', { text, replyTo: reply?.id }),
    extras: (set) => [who.element, picker(set), iconButton('Make a poll', '📊', poll)],
  })
  const tries = suggestions([
    { name: 'formatting', use: () => box.set({ text: formatting }) },
    {
      name: 'a picture',
      use: async () => box.set({ file: await samplePicture(), text: 'Sent from my phone' }),
    },
    { name: 'voice', use: () => void act('voice') },
    { name: 'a sticker', use: () => void act('sticker') },
    { name: 'a poll', use: poll },
    ...(samples?.(act) ?? []),
  ])
  const allActs = {
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
    ...acts?.(act),
  }
  const pane = new Pane(
    document.getElementById(id),
    [tries, box.element],
    (item, first) => bubble(item, allActs, first),
    () => `${wire()} ${who.name()}`,
  )

  function show(conversation) {
    who.offer(conversation.people)
    pane.show(conversation)
    const [owner] = conversation.people
    read(conversation, (item) => post(`${id}/read`, { place: conversation.id, who: owner, item: item.id }))
  }

  return { name, about, show }
}
