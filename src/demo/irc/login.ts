import { CHANNEL } from './networks.ts'
import type { Dialogue } from '../talk.ts'

export const PASSWORD = 'wonderland'

/** Two logins: by password, and without. */
export const LOGINS: Dialogue = [
  ['login irc', 'Which IRC network?'],
  ['demo', 'Which nick'],
  ['-', 'How do you log in?'],
  ['password', 'your account called'],
  ['-', 'What is the password'],
  [PASSWORD, 'You are alice on demo.'],
  ['login irc', 'Which IRC network?'],
  ['plain', 'Which nick'],
  ['-', 'How do you log in?'],
  ['none', 'You are alice on plain.'],
]

/** Two channels and a conversation with Bob. */
export const JOINS: Dialogue = [
  [`join ${CHANNEL} demo`, `You are in ${CHANNEL}`],
  [`join ${CHANNEL} plain`, `You are in ${CHANNEL}`],
  ['start-chat Bob demo', 'An invitation to a room with'],
]
