import type { SimTelegram } from '../../../test/sim/telegram/index.ts'
import type { Account, Channel, Chat } from '../../../test/sim/telegram/world/index.ts'

/** Alice's number; it is one of those that are kept free for stories. */
export const PHONE = '+44 7700 900123'

/** What Alice's address book calls Robin. */
export const NICKNAME = 'Robin next door'

/** Everybody on the demo's Telegram, and where they talk. */
export type People = {
  alice: Account
  /** Whose phone the page shows. */
  robin: Account
  mia: Account
  group: Channel
  forum: Channel
  /** The number of the forum's topic. */
  topic: number
}

/** Makes the people and lets them say something before Alice logs in: she gets it as history. */
export function settle({ world }: SimTelegram): People {
  const alice = world.user({ firstName: 'Alice', phone: PHONE.replaceAll(/\D/g, ''), username: 'alice' })
  const robin = world.user({
    firstName: 'Robin',
    lastName: 'Park',
    phone: '447700900456',
    username: 'robinpark',
  })
  const mia = world.user({ firstName: 'Mia', lastName: 'Chen', phone: '447700900789', username: 'miachen' })
  world.contact(alice, robin, { firstName: NICKNAME })
  const group = world.supergroup({
    title: 'Book club',
    members: [robin, mia, alice],
    about: 'One book a month',
  })
  const forum = world.forum({ title: 'Garden', members: [robin, mia, alice] })
  const topic = world.createTopic(robin, forum, 'Spring planting').channelId
  world.say(robin, alice, 'Alice, you need not open Telegram to answer me any more.')
  const question = world.say(mia, group, 'Which book is next?')
  const title = 'The Bridge of San Luis Rey'
  const entities = [{ _: 'messageEntityItalic', offset: 0, length: title.length }]
  const answer = world.say(robin, group, { text: `${title}, of course.`, entities, replyTo: question })
  world.react(mia, answer, '👍')
  world.say(mia, forum, { text: 'The tulips go in on Saturday.', topic })
  return { alice, robin, mia, group, forum, topic }
}

export const nameOf = ({ firstName, lastName }: Pick<Account, 'firstName' | 'lastName'>): string =>
  `${firstName} ${lastName}`.trim()

/** A conversation as Robin's phone has it. */
export type Spot = { chat: Chat; topic: number | undefined }
