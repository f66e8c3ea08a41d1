import { MatrixClient } from '../../test/real/servers/matrix-client.ts'

/** A person with a Matrix client, who talks to the bridge's bot as people do. */
export class Human {
  readonly matrix: MatrixClient
  readonly #bot: string
  #botRoom = ''

  private constructor(matrix: MatrixClient, bot: string) {
    this.matrix = matrix
    this.#bot = bot
  }

  static async register(homeserverUrl: string, name: string, bot: string): Promise<Human> {
    return new Human(await MatrixClient.register(homeserverUrl, name), bot)
  }

  /** Opens the room with the bot and logs in to IRC, without an account there. */
  async logIn(nick: string): Promise<void> {
    this.#botRoom = await this.matrix.createDirect(this.#bot)
    await this.#hear('Hello', 0)
    let answer = await this.ask('login irc', '')
    for (let step = 0; step < 10 && !answer.includes('✅'); step += 1) {
      const question = answer.toLowerCase()
      const reply = question.includes('how do you log in') ? 'none' : question.includes('nick') ? nick : '-'
      answer = await this.ask(reply, '')
    }
    if (!answer.includes('✅')) throw new Error(`the login did not end well: ${answer}`)
  }

  /** Says something to the bot. @returns its next words that contain `answer` */
  async ask(command: string, answer: string): Promise<string> {
    const from = this.matrix.sync.events.all.length
    await this.matrix.sendText(this.#botRoom, command)
    return this.#hear(answer, from)
  }

  /** Enters a channel. @returns its room */
  async enter(channel: string): Promise<string> {
    const from = this.matrix.sync.invites.all.length
    await this.ask(`join ${channel}`, channel)
    const invite = await this.matrix.sync.invites.waitFor(
      (event) => event.type === 'm.room.member' && event.state_key === this.matrix.userId,
      { from },
    )
    return this.matrix.join(invite.room_id)
  }

  async #hear(words: string, from: number): Promise<string> {
    const event = await this.matrix.sync.events.waitFor(
      ({ room_id: room, sender, content }) =>
        room === this.#botRoom && sender === this.#bot && bodyOf(content).includes(words),
      { from },
    )
    return bodyOf(event.content)
  }
}

/** A flood from IRC comes as fewer messages of several lines. */
export const linesOf = (content: Record<string, unknown>): string[] => bodyOf(content).split('\n')

export function bodyOf(content: Record<string, unknown>): string {
  const { body } = content
  return typeof body === 'string' ? body : ''
}
