import type { SimHomeserver, SimUser } from '../../test/sim/homeserver/index.ts'
import { BOT, CHANNEL } from './config.ts'

export const PASSWORD = 'wonderland'

const PATIENCE_MS = 20_000

/** What Alice says to the bot and what it answers, in order: two logins, two channels and a conversation with Bob. */
const DIALOGUE: readonly (readonly [say: string, answer: string])[] = [
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

const JOINS: readonly (readonly [say: string, answer: string])[] = [
  [`join ${CHANNEL} demo`, `You are in ${CHANNEL}`],
  [`join ${CHANNEL} plain`, `You are in ${CHANNEL}`],
  ['start-chat Bob demo', 'An invitation to a room with'],
]

/** Sets Alice up as a person would, by talking to the bot. `connected` resolves when her logins are on IRC. */
export async function setUp(
  homeserver: SimHomeserver,
  alice: SimUser,
  connected: () => Promise<void>,
): Promise<string> {
  const room = await alice.directRoomWith(BOT)
  const talk = new Talk(homeserver, alice, room)
  await talk.heard('Hello', 0)
  for (const [say, answer] of DIALOGUE) await talk.ask(say, answer)
  await connected()
  for (const [say, answer] of JOINS) await talk.ask(say, answer)
  return room
}

class Talk {
  readonly #homeserver: SimHomeserver
  readonly #user: SimUser
  readonly #room: string

  constructor(homeserver: SimHomeserver, user: SimUser, room: string) {
    this.#homeserver = homeserver
    this.#user = user
    this.#room = room
  }

  async ask(say: string, answer: string): Promise<void> {
    const after = this.#homeserver.timeline(this.#room).length
    await this.#user.sendText(this.#room, say)
    await this.heard(answer, after)
  }

  heard(words: string, after: number): Promise<void> {
    const said = () =>
      this.#homeserver
        .timeline(this.#room)
        .slice(after)
        .some(
          ({ sender, content }) => sender === BOT && JSON.stringify(content['body'] ?? '').includes(words),
        )
    return this.#homeserver.waitFor(said, `the bot to say "${words}"`, PATIENCE_MS)
  }
}
