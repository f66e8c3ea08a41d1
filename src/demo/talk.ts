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

  /** @returns the answer. @throws when it does not answer with these words. */
  ask(say: string, answer: string): Promise<string> {
    return this.after(() => this.#user.sendText(this.room, say), answer)
  }

  /** Does something that the bot has to say these words about. @returns the answer. @throws when it does not. */
  async after(act: () => Promise<unknown>, answer: string): Promise<string> {
    const after = this.#homeserver.timeline(this.room).length
    await act()
    return this.#heard(answer, after)
  }

  /** Resolves when something is so on the homeserver or beside it. */
  until(isSo: () => boolean, what: string): Promise<void> {
    return this.#homeserver.waitFor(isSo, what, PATIENCE_MS)
  }

  async #heard(words: string, after: number): Promise<string> {
    const bodies = () =>
      this.#homeserver
        .timeline(this.room)
        .slice(after)
        .flatMap(({ sender, content }) => {
          const { body } = content
          return sender === BOT && typeof body === 'string' ? [body] : []
        })
    const find = () => bodies().find((body) => body.includes(words))
    await this.until(() => find() !== undefined, `the bot to say "${words}"`)
    return find() ?? ''
  }
}
