import { phone } from './phone.js'

/** Robin's phone; in groups Mia can write as well. */
export const telegram = phone({
  id: 'telegram',
  name: 'Telegram',
  about: 'what Robin’s phone shows',
  aboutPolls: 'On Matrix it is a poll too, and votes cross both ways.',
  formatting: '**Bold**, *italic*, ~~struck~~, `code` and ||a spoiler|| from Telegram',
  samples: (act) => [
    {
      name: 'a quiz',
      use: () =>
        void act('poll', { question: 'How many arches has a viaduct?', options: ['One', 'Many'], right: 1 }),
    },
  ],
  acts: (act) => ({ end: (item) => void act('end', { item: item.id }) }),
})
