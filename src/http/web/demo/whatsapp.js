import { phone } from './phone.js'

/** Sam's phone; in groups Nora can write as well. */
export const whatsapp = phone({
  id: 'whatsapp',
  name: 'WhatsApp',
  about: 'what Sam’s phone shows',
  aboutPolls: 'On Matrix it is a poll too, and votes cross both ways. Polls of WhatsApp have no end.',
  formatting: '*Bold*, _italic_, ~struck~ and `code` from WhatsApp',
})
