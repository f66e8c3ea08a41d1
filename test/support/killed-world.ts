import type { IrcNetworkConfig } from '../../src/networks/irc/config.ts'
import { SimHomeserver } from '../sim/homeserver/index.ts'
import { SimIrc } from '../sim/irc/index.ts'
import type { SimIrcClient, SimIrcOptions } from '../sim/irc/index.ts'
import { BridgeProcess } from './bridge-process.ts'
import { freshDatabase } from './database.ts'
import { testIrc, testNetwork } from './irc-config.ts'
import { Killed } from './killed.ts'
import type { KilledParts } from './killed.ts'
import { SERVER, testRegistration } from './settings.ts'
import { Person } from './stack.ts'

/** A bridge for IRC in a process of its own. */
export class KilledWorld extends Killed {
  readonly irc: SimIrc

  private constructor(parts: KilledParts & Pick<KilledWorld, 'irc'>) {
    super(parts)
    this.irc = parts.irc
  }

  static async start(options: SimIrcOptions, network: Partial<IrcNetworkConfig> = {}): Promise<KilledWorld> {
    const database = await freshDatabase()
    const irc = await SimIrc.start(options)
    const homeserver = await SimHomeserver.start({ serverName: SERVER })
    const bridge = new BridgeProcess({
      databaseUrl: database.url,
      homeserverUrl: homeserver.url,
      port: 0,
      irc: testIrc(testNetwork('sim', irc.port, network)),
    })
    await bridge.start()
    homeserver.addAppservice(testRegistration(`http://127.0.0.1:${bridge.port}`))
    return new KilledWorld({ homeserver, irc, bridge, database })
  }

  /** A Matrix user, logged in to the network under their own name. */
  async person(name: string): Promise<Person> {
    const { homeserver } = this
    const user = await homeserver.user(name)
    const room = await user.directRoomWith(`@viaductbot:${SERVER}`)
    const person = new Person(homeserver, user, room)
    await person.heard('Hello')
    await logIn(person, name)
    return person
  }

  async close(): Promise<void> {
    await this.bridge.stop()
    await this.homeserver.close()
    await this.irc.close()
    await this.database.drop()
  }
}

/** Drives the login in the room with the bot as a person would: their name as nick, no account. */
export async function logIn(person: Person, nick: string, network?: string): Promise<void> {
  let answer = await person.ask('login irc', '')
  for (let step = 0; step < 10 && !answer.includes('✅'); step += 1) {
    answer = await person.ask(replyTo(answer, nick, network), '')
  }
  if (!answer.includes('✅')) throw new Error(`the login did not end well: ${answer}`)
}

function replyTo(question: string, nick: string, network?: string): string {
  const words = question.toLowerCase()
  if (words.includes('which irc network') && network !== undefined) return network
  if (words.includes('how do you log in')) return 'none'
  if (words.includes('which nick')) return nick
  return '-'
}

/** Brings a Matrix user and an IRC client of the test into a channel. @returns the channel's room */
export async function enter(
  person: Person,
  contact: SimIrcClient,
  channel: string,
  rooms: string[],
): Promise<string> {
  contact.join(channel)
  await person.ask(`join ${channel}`, channel)
  return person.acceptInvite(rooms)
}
