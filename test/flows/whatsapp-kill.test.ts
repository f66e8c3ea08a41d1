import { expect, test } from 'vitest'
import { SimHomeserver } from '../sim/homeserver/index.ts'
import { BridgeProcess } from '../support/bridge-process.ts'
import { freshDatabase } from '../support/database.ts'
import { scannedBy } from '../support/qr-text.ts'
import { SERVER, testRegistration } from '../support/settings.ts'
import { Person, words } from '../support/stack.ts'
import { startWhatsApp, testWhatsApp } from '../support/whatsapp.ts'

const KILLS = Number(process.env['VIADUCT_WHATSAPP_KILLS'] ?? 6)
const MESSAGES = Number(process.env['VIADUCT_WHATSAPP_KILL_MESSAGES'] ?? 120)
const PATIENCE_MS = 90_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test(
  `WhatsApp, killed ${KILLS} times among ${MESSAGES} messages each way: nothing lost, nothing doubled, all in order`,
  async () => {
    const { wa, person } = await startWhatsApp()
    const database = await freshDatabase()
    const homeserver = await SimHomeserver.start({ serverName: SERVER })
    const root = Buffer.from(wa.front.root).toString('hex')
    const bridge = new BridgeProcess({
      databaseUrl: database.url,
      homeserverUrl: homeserver.url,
      port: 0,
      whatsapp: testWhatsApp(wa.url, { testServer: { url: wa.url, root } }),
    })
    await bridge.start()
    homeserver.addAppservice(testRegistration(`http://127.0.0.1:${bridge.port}`))
    const her = await person('15550001', 'Alice')
    const bob = await person('15550002', 'Bob')
    const user = await homeserver.user('alice')
    const alice = new Person(homeserver, user, await user.directRoomWith(`@viaductbot:${SERVER}`))
    await alice.heard('Hello')
    await alice.ask('login whatsapp qr', 'asking WhatsApp')
    await wa.linking.scan(await scannedBy(alice, homeserver), her.account.phone)
    await alice.heard('logged in to WhatsApp')
    const isThere = () => wa.front.online.some(({ phone, device }) => phone === '15550001' && device === 1)
    await homeserver.waitFor(isThere, 'the bridge to be connected', 15_000)
    await pause(500)
    const group = await bob.socket.groupCreate('Kill', [her.pn])
    await bob.socket.sendMessage(group.id, { text: 'group' })
    await bob.socket.sendMessage(her.lid, { text: 'direct' })
    const rooms: string[] = []
    for (const first of ['group', 'direct']) {
      const find = () =>
        homeserver.roomIds().find((id) => homeserver.timeline(id).some((e) => e.content['body'] === first))
      await homeserver.waitFor(() => find() !== undefined, `a room with "${first}"`, 15_000)
      rooms.push(find() ?? '')
      await user.join(find() ?? '')
    }

    const per = Math.ceil(MESSAGES / 2)
    const chats = [group.id, her.lid]
    const traffic = (async () => {
      for (let i = 0; i < per; i += 1) {
        for (const [c, room] of rooms.entries()) {
          await user.sendText(room, `out ${i}`)
          await bob.socket.sendMessage(chats[c] ?? '', { text: `in ${i}` })
        }
        await pause((KILLS * 1_500) / per)
      }
    })()
    while (bridge.kills < KILLS) {
      await pause(200 + Math.random() * 1_500)
      await bridge.kill()
      await bridge.start()
    }
    await traffic

    const isGroup = (c: number) => c === 0
    /** As an app shows them: what comes again under its id is the same message. */
    const heard = (c: number): string[] => {
      const own = bob.client.messages.filter(
        ({ key }) => key.fromMe !== true && (key.remoteJid === group.id) === isGroup(c),
      )
      const byId = new Map(own.map(({ key, message }) => [key.id, message]))
      return [...byId.values()].flatMap(
        (message) => message?.conversation ?? message?.extendedTextMessage?.text ?? [],
      )
    }
    const seen = (c: number) =>
      words(homeserver, rooms[c] ?? '')
        .filter((line) => line.startsWith('_whatsapp_'))
        .map((line) => line.slice(line.indexOf(': ') + 2))
        .filter((line) => line.startsWith('in '))
    const done = () => [0, 1].every((c) => heard(c).length >= per && seen(c).length >= per)
    await homeserver.waitFor(done, 'everything to arrive', PATIENCE_MS).catch(async (error: unknown) => {
      const counts = [0, 1].map((c) => `${heard(c).length} out, ${seen(c).length} in, of ${per}`)
      const states = await database.db.query(
        'select direction, kind, state, error_text, count(*)::int from delivery group by 1, 2, 3, 4',
      )
      throw new Error(`${counts.join('\n')}\n${JSON.stringify(states)}`, { cause: error })
    })
    const expected = (word: string) => Array.from({ length: per }, (_, i) => `${word} ${i}`)
    for (const c of [0, 1]) {
      expect(heard(c)).toEqual(expected('out'))
      expect(seen(c)).toEqual(expected('in'))
    }
    const failed = await database.db.query(
      `select 1 from delivery where state in ('rejected', 'unknown', 'expired')`,
    )
    expect(failed).toHaveLength(0)
    await bridge.stop()
    await homeserver.close()
    await wa.stop()
    await database.drop()
  },
  PATIENCE_MS * 2,
)
