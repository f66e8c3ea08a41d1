import type { SimHomeserver, SimUser } from '../../test/sim/homeserver/index.ts'
import { BOT } from './config.ts'

const PATIENCE_MS = 20_000

/** What somebody says to the bot and what it answers, in order. */
export type Dialogue = readonly (readonly [say: string, answer: string])[]

/** A person's conversation with the bot. */
export class Talk {
  readonly room: string
  readonly #homeserver: SimHomeserver
  readonly #user: SimUser

  private constructor(homeserver: SimHomeserver, user: SimUser, room: string) {
    this.#homeserver = homeserver
    this.#user = user
    this.room = room
  }

  /** Resolves when the bot has said hello. */
  static async begin(homeserver: SimHomeserver, user: SimUser): Promise<Talk> {
    const talk = new Talk(homeserver, user, await user.directRoomWith(BOT))
    await talk.#heard('Hello', 0)
    return talk
  }

  /** Says each thing when the one before was answered. */
  async hold(dialogue: Dialogue): Promise<void> {
    for (const [say, answer] of dialogue) await this.ask(say, answer)
  }

  /** @throws when the bot does not answer with these words. */
  async ask(say: string, answer: string): Promise<void> {
    const after = this.#homeserver.timeline(this.room).length
    await this.#user.sendText(this.room, say)
    await this.#heard(answer, after)
  }

  /** Resolves when something is so on the homeserver or beside it. */
  until(isSo: () => boolean, what: string): Promise<void> {
    return this.#homeserver.waitFor(isSo, what, PATIENCE_MS)
  }

  #heard(words: string, after: number): Promise<void> {
    const said = () =>
      this.#homeserver
        .timeline(this.room)
        .slice(after)
        .some(
          ({ sender, content }) => sender === BOT && JSON.stringify(content['body'] ?? '').includes(words),
        )
    return this.until(said, `the bot to say "${words}"`)
  }
}
