import { MatrixClient } from '../servers/matrix-client.ts'
import type { Synapse } from '../servers/synapse.ts'
import { MatrixView } from './matrix-view.ts'

/** A Matrix user who talks to the bridge's bot as a human would. */
export class Person {
  readonly client: MatrixClient
  readonly name: string
  readonly botRoom: string
  readonly #bot: string
  readonly #entered = new Set<string>()

  private constructor(name: string, client: MatrixClient, bot: string, botRoom: string) {
    this.name = name
    this.client = client
    this.#bot = bot
    this.botRoom = botRoom
  }

  /** Registers on the homeserver and begins a conversation with the bot. */
  static async arrive(synapse: Synapse, name: string): Promise<Person> {
    const client = await MatrixClient.register(synapse.url, name)
    const bot = `@viaductbot:${synapse.serverName}`
    const person = new Person(name, client, bot, await client.createDirect(bot))
    await person.#heard(0, 'Hello!')
    return person
  }

  /** Says something to the bot. @returns its next words that contain `answer` */
  async ask(command: string, answer = ''): Promise<string> {
    const from = this.client.sync.events.all.length
    await this.client.sendText(this.botRoom, command)
    return this.#heard(from, answer)
  }

  /** Waits for words of the bot, also those said before. */
  async hears(words: string): Promise<string> {
    return this.#heard(0, words)
  }

  /** Logs in to IRC under a nick, without an account there, and waits for the connection. */
  async logIn(nick = this.name): Promise<void> {
    let answer = await this.ask('login irc')
    for (let step = 0; step < 10 && !answer.includes('✅'); step++) {
      if (answer.includes('❌')) throw new Error(`the login failed: ${answer}`)
      answer = await this.ask(answerTo(answer, nick))
    }
    if (!answer.includes('✅')) throw new Error(`the login did not end: ${answer}`)
    while (!(await this.ask('status', 'irc')).includes('🟢')) continue
  }

  /** Enters a channel by the bot and accepts the invitation to its room. */
  async enter(channel: string): Promise<MatrixView> {
    await this.ask(`join ${channel}`, `You are in ${channel}`)
    return this.acceptInvite()
  }

  /** Joins the next room that somebody invites to. */
  async acceptInvite(): Promise<MatrixView> {
    const { userId, sync } = this.client
    const room = await sync.waitForInvite(userId, (event) => !this.#entered.has(event.room_id))
    this.#entered.add(room)
    return this.#join(room)
  }

  /** Joins a room again after an invitation that follows `from`, an index of `sync.invites`. */
  async comeBack(room: string, from: number): Promise<MatrixView> {
    await this.client.sync.invites.waitFor((event) => event.room_id === room, { from })
    return this.#join(room)
  }

  async #join(room: string): Promise<MatrixView> {
    const { client } = this
    const from = client.sync.events.all.length
    await client.join(room)
    await client.sync.events.waitFor(
      (event) =>
        event.room_id === room && event.state_key === client.userId && event.content['membership'] === 'join',
      { from },
    )
    return new MatrixView(client, room)
  }

  async #heard(from: number, words: string): Promise<string> {
    const event = await this.client.sync.events.waitFor(
      ({ room_id: room, sender, type, content }) =>
        (this.botRoom === room || this.botRoom === undefined) &&
        sender === this.#bot &&
        type === 'm.room.message' &&
        String(content['body']).includes(words),
      { from },
    )
    return String(event.content['body'])
  }
}

function answerTo(question: string, nick: string): string {
  if (question.includes('Which nick')) return nick
  if (question.includes('How do you log in')) return 'none'
  throw new Error(`a question that nobody expected: ${question}`)
}
