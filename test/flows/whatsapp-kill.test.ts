import { afterEach, expect, test } from 'vitest'
import { KilledWhatsApp, byId, isUndecrypted, textIn } from '../support/killed-whatsapp.ts'
import { words } from '../support/stack.ts'

/** `npm run test:long` sets these to 100 and 2,000. */
const KILLS = Number(process.env['VIADUCT_WHATSAPP_KILLS'] ?? 6)
const MESSAGES = Number(process.env['VIADUCT_WHATSAPP_KILL_MESSAGES'] ?? 120)
const PATIENCE_MS = 90_000 + KILLS * 4_000
/** Of what goes out, every so manieth is written on the phone. */
const PHONE_EACH = 5

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

let running: KilledWhatsApp | undefined

afterEach(() => running?.close())

test(
  `WhatsApp, killed ${KILLS} times among ${MESSAGES} messages each way: nothing lost, nothing doubled, all in order`,
  async () => {
    const world = await KilledWhatsApp.start()
    running = world
    const { homeserver, bridge, alice, her, bob, whatsapp } = world
    const group = await bob.socket.groupCreate('Kill', [her.pn])
    await bob.socket.sendMessage(group.id, { text: 'group' })
    await bob.socket.sendMessage(her.lid, { text: 'direct' })
    const places = [
      { isGroup: true, from: { bob: group.id, her: group.id }, room: await world.roomWith('group') },
      { isGroup: false, from: { bob: her.lid, her: bob.lid }, room: await world.roomWith('direct') },
    ]

    const per = Math.ceil(MESSAGES / places.length)
    const isPhone = (i: number) => i % PHONE_EACH === 1
    const began = performance.now()
    const seconds = () => Math.round((performance.now() - began) / 1_000)
    const traffic = (async () => {
      for (let i = 0; i < per; i += 1) {
        for (const { from, room } of places) {
          if (isPhone(i)) await her.socket.sendMessage(from.her, { text: `own ${i}` })
          else await alice.user.sendText(room, `out ${i}`)
          await bob.socket.sendMessage(from.bob, { text: `in ${i}` })
        }
        // Spread over the kills, so that each of them meets messages under way.
        await pause((KILLS * 1_500) / per)
      }
    })()
    while (bridge.kills < KILLS) {
      await pause(200 + Math.random() * 1_500)
      await bridge.kill()
      await bridge.start()
    }
    await traffic
    const said = seconds()

    type Place = (typeof places)[number]
    const heard = ({ isGroup }: Place, word: string) =>
      byId(bob.client.messages)
        .filter(({ key }) => key.fromMe !== true && (key.remoteJid === group.id) === isGroup)
        .flatMap((message) => textIn(message) ?? [])
        .filter((text) => text.startsWith(`${word} `))
    const seen = ({ room }: Place, word: string) =>
      words(homeserver, room)
        .filter((line) => line.startsWith('_whatsapp_'))
        .map((line) => line.slice(line.indexOf(': ') + 2))
        .filter((body) => body.startsWith(`${word} `))
    const numbers = Array.from({ length: per }, (_, i) => i)
    const expected = {
      out: numbers.filter((i) => !isPhone(i)).map((i) => `out ${i}`),
      own: numbers.filter(isPhone).map((i) => `own ${i}`),
      in: numbers.map((i) => `in ${i}`),
    }
    const done = () =>
      places.every(
        (place) =>
          heard(place, 'out').length >= expected.out.length &&
          seen(place, 'in').length >= expected.in.length &&
          seen(place, 'own').length >= expected.own.length,
      )
    await homeserver.waitFor(done, 'everything to arrive', PATIENCE_MS).catch(async (error: unknown) => {
      const missing = places.map((place) => ({
        out: expected.out.filter((text) => !heard(place, 'out').includes(text)),
        in: expected.in.filter((text) => !seen(place, 'in').includes(text)),
        own: expected.own.filter((text) => !seen(place, 'own').includes(text)),
      }))
      const rows = await world.ledger(`state <> 'delivered'`)
      throw new Error(`missing: ${JSON.stringify(missing)}\n${JSON.stringify(rows, null, 1)}`, {
        cause: error,
      })
    })
    const arrived = seconds()
    // A doubled message may come late: once all is quiet, the ledger has nothing left to send.
    await world.settled(PATIENCE_MS)
    for (const place of places) {
      expect(heard(place, 'out'), 'from Matrix').toEqual(expected.out)
      expect(seen(place, 'in'), 'to Matrix').toEqual(expected.in)
      expect(seen(place, 'own'), 'from her phone').toEqual(expected.own)
    }
    expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
    for (const { client } of [bob, her])
      expect(
        client.messages.filter(isUndecrypted).map(({ key, messageStubParameters: why }) => ({ key, why })),
      ).toEqual([])
    for (const { room } of places)
      expect(words(homeserver, room).filter((line) => line.includes('decrypted'))).toEqual([])
    expect(whatsapp.wa.journal.unknown).toEqual([])
    console.log(
      `kills ${bridge.kills}, messages each way ${per * places.length}: lost 0, doubled 0, in order, none waited for; ` +
        `said within ${said} s, arrived within ${arrived} s`,
    )
  },
  PATIENCE_MS + 120_000 + KILLS * 15_000 + MESSAGES * 500,
)
