import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InspIrcd } from '../../test/real/servers/inspircd.ts'
import { missingServers } from '../../test/real/servers/installed.ts'
import { IrcClient } from '../../test/real/servers/irc-client.ts'
import { removeAbandonedFolders } from '../../test/real/servers/folders.ts'
import { freePort } from '../../test/real/servers/server-process.ts'
import { Synapse } from '../../test/real/servers/synapse.ts'
import { formatRegistration } from '../../src/matrix/registration.ts'
import { SimHomeserver } from '../../test/sim/homeserver/index.ts'
import { SimIrc } from '../../test/sim/irc/index.ts'
import { SERVER, testRegistration } from '../../test/support/settings.ts'
import { Human } from './human.ts'
import { Viaduct } from './viaduct.ts'

/** A homeserver, an IRC network and the bridge between them. */
export type World = {
  folder: string
  homeserverUrl: string
  ircPort: number
  bridge: Viaduct
  close(): Promise<void>
}

const BOT = `@viaductbot:${SERVER}`

/** Servers nobody here wrote. Ends the process with what to do when they are not there. */
export async function realWorld(): Promise<World> {
  const missing = missingServers().filter((name) => !/ngIRCd|PostgreSQL/.test(name))
  if (missing.length > 0) {
    console.error(
      `This bench needs real servers; missing: ${missing.join(', ')}. Run test/real/install as root.`,
    )
    process.exit(2)
  }
  removeAbandonedFolders()
  const folder = mkdtempSync(join(tmpdir(), 'viaduct-bench-'))
  const port = await freePort()
  const registration = join(folder, 'registration.yaml')
  writeFileSync(registration, registrationText(`http://127.0.0.1:${port}`))
  const [synapse, ircd] = await Promise.all([
    Synapse.start({ appservices: [registration], serverName: SERVER }),
    InspIrcd.start({ flood: 'load' }),
  ])
  return between(folder, port, synapse.url, ircd.port, async () => {
    await synapse.stop()
    await ircd.stop()
    removeAbandonedFolders()
  })
}

/** The servers of the tests, in this process: what is left is the bridge's own time. */
export async function simulatedWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'viaduct-bench-'))
  const port = await freePort()
  const homeserver = await SimHomeserver.start({
    serverName: SERVER,
    appservices: [testRegistration(`http://127.0.0.1:${port}`)],
  })
  const irc = await SimIrc.start({ caps: 'all' })
  return between(folder, port, homeserver.url, irc.port, async () => {
    await homeserver.close()
    await irc.close()
  })
}

async function between(
  folder: string,
  port: number,
  homeserverUrl: string,
  ircPort: number,
  closeServers: () => Promise<void>,
): Promise<World> {
  const execArgv = (process.env['VIADUCT_BENCH_NODE_ARGS'] ?? '').split(' ').filter((arg) => arg !== '')
  const bridge = new Viaduct({ folder, homeserverUrl, serverName: SERVER, port, ircPort, execArgv })
  const close = async () => {
    await bridge.stop()
    await closeServers()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await bridge.start()
    await bridge.ready()
  } catch (error) {
    await close()
    throw error
  }
  return { folder, homeserverUrl, ircPort, bridge, close }
}

export type Conversation = { human: Human; contact: IrcClient; room: string; channel: string }

/** A person on Matrix and one on IRC in a channel, after a first message each way. */
export async function converse(world: World, name: string): Promise<Conversation> {
  const channel = `#${name}`
  const human = await Human.register(world.homeserverUrl, name, BOT)
  await human.logIn(name)
  const contact = await IrcClient.connect({ port: world.ircPort, nick: `${name}-irc`, caps: ['server-time'] })
  await contact.join(channel)
  const room = await human.enter(channel)
  contact.say(channel, 'first from IRC')
  await human.matrix.sync.waitForEvent(({ content }) => content['body'] === 'first from IRC')
  await human.matrix.sendText(room, 'first from Matrix')
  await contact.waitForText(channel, 'first from Matrix')
  return { human, contact, room, channel }
}

function registrationText(url: string): string {
  const { userRegexes, aliasRegexes, ...rest } = testRegistration(url)
  const exclusive = (regex: string) => ({ exclusive: true, regex })
  return formatRegistration({
    ...rest,
    users: userRegexes.map(exclusive),
    aliases: aliasRegexes.map(exclusive),
  })
}
