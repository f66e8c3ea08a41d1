import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WAMessage, proto } from '@whiskeysockets/baileys'
import { unwrap } from '../../src/networks/whatsapp/unwrap.ts'
import { atRequestOf, everywhere, killedDuring, saysAll } from '../support/crash-points.ts'
import type { Trap, When } from '../support/crash-points.ts'
import { KilledWhatsApp, byId, isUndecrypted } from '../support/killed-whatsapp.ts'
import { SERVER } from '../support/settings.ts'
import { reactionsBy, roomsWith, shown } from '../support/shown.ts'
import { steadyClient } from '../support/whatsapp.ts'
import type { Person } from '../support/whatsapp.ts'
import { textOf } from '../support/whatsapp-world.ts'

const PATIENCE_MS = 40_000
const IMAGE = Buffer.from('a picture of nothing')

let world: KilledWhatsApp
let people = 0

beforeAll(async () => {
  world = await KilledWhatsApp.start()
}, 60_000)
afterAll(() => world.close())

/** Somebody whom Alice has never talked to. */
const contact = (): Promise<Person> => {
  people += 1
  return world.whatsapp.person(String(15_551_000 + people), `Carol ${people}`, {}, steadyClient())
}
const ghostOf = ({ lid }: Person) => `@_whatsapp_lid-${lid.slice(0, lid.indexOf('@'))}:${SERVER}`

const atRequest: Trap = (point, when) => atRequestOf(world)(point, when)

/** SIGKILL at a stanza from the bridge: before the server handles it, or after, so that no answer is heard. */
const atStanza: Trap = (point, when) => {
  let reached = false
  const { faults } = world.whatsapp.wa.front
  faults.dropAnd('in', when, { phone: world.her.account.phone, device: 1, from: point + 1 }, () => {
    reached = true
    void world.bridge.kill()
  })
  return () => {
    faults.clear()
    return reached
  }
}

const contentOf = ({ message }: WAMessage): proto.IMessage => unwrap(message ?? {}).content
const connected = () =>
  world.homeserver.waitFor(() => world.isConnected, 'the bridge to be connected', PATIENCE_MS)

describe.each<When>(['before', 'after'])('killed %s', (when) => {
  const writesToHer = async (trap: Trap, point: number): Promise<boolean> => {
    const { homeserver, her } = world
    await connected()
    const carol = await contact()
    const ghost = ghostOf(carol)
    const rooms = () => roomsWith(homeserver, ghost)
    const killed = await killedDuring(world, trap(point, when), async () => {
      const says = async (content: Parameters<typeof carol.socket.sendMessage>[1]) => {
        const sent = await carol.socket.sendMessage(her.lid, content)
        if (sent === undefined) throw new Error('nothing was sent')
        return sent
      }
      const one = await says({ text: 'one' })
      await says({ image: IMAGE, caption: 'two', mimetype: 'image/jpeg' })
      await says({ poll: { name: 'three?', values: ['yes', 'no'], selectableCount: 1 } })
      const four = await says({ text: 'four' })
      await says({ react: { text: '👍', key: four.key } })
      await says({ text: 'one, corrected', edit: one.key })
      await world.arrived(carol.lid, 6)
    })
    await homeserver.waitFor(
      () =>
        rooms().some(
          (id) =>
            shown(homeserver, id, ghost)[0] === 'one, corrected' && reactionsBy(homeserver, id, ghost) > 0,
        ),
      `all that follows from point ${point}`,
      PATIENCE_MS,
    )
    await world.settled(PATIENCE_MS)
    const [room = '', ...others] = rooms()
    expect(others, `point ${point}`).toEqual([])
    expect(shown(homeserver, room, ghost), `point ${point}`).toEqual([
      'one, corrected',
      'two',
      'three?',
      'four',
    ])
    expect(reactionsBy(homeserver, room, ghost), `point ${point}`).toBe(1)
    expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
    return killed
  }

  test(
    'a request to the homeserver, while somebody new writes: one room, one ghost, everything once',
    () => everywhere([3, 9], (point) => writesToHer(atRequest, point)),
    900_000,
  )

  test(
    'a stanza to WhatsApp, while somebody new writes: one room, one ghost, everything once',
    () => everywhere([1, 6], (point) => writesToHer(atStanza, point)),
    900_000,
  )

  const writes = async (trap: Trap, point: number): Promise<boolean> => {
    const { user } = world.alice
    await connected()
    const carol = await contact()
    const hello = `hello ${people}`
    await carol.socket.sendMessage(world.her.lid, { text: hello })
    const room = await world.roomWith(hello)
    await world.settled(PATIENCE_MS)
    const target = world.homeserver.timeline(room).find((e) => e.content['body'] === hello)?.event_id ?? ''
    const picture = await user.upload(IMAGE, 'image/png', 'p.png')
    const killed = await killedDuring(world, trap(point, when), async () => {
      await world.routed(await saysAll(user, room, target, picture))
    })
    const got = () => byId(carol.client.messages).filter(({ key }) => key.fromMe !== true)
    const texts = () => got().flatMap((message) => textOf(contentOf(message)) ?? [])
    const reactions = () => got().flatMap((message) => contentOf(message).reactionMessage?.text ?? [])
    const edits = () =>
      got().flatMap((message) => {
        const edited = contentOf(message).protocolMessage?.editedMessage
        return edited ? (textOf(edited) ?? []) : []
      })
    await world.homeserver
      .waitFor(
        () => texts().length >= 3 && reactions().length > 0 && edits().length > 0,
        `all that follows from point ${point}`,
        PATIENCE_MS,
      )
      .catch((error: unknown) => {
        throw new Error(JSON.stringify([texts(), reactions(), edits()]), { cause: error })
      })
    await world.settled(PATIENCE_MS)
    expect(texts(), `point ${point}`).toEqual(['one', 'two', 'three'])
    expect(reactions(), `point ${point}`).toEqual(['👍'])
    expect(edits(), `point ${point}`).toEqual(['one, corrected'])
    expect(carol.client.messages.filter(isUndecrypted), `point ${point}`).toEqual([])
    expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
    return killed
  }

  test(
    'a request to the homeserver, while she writes: everything once',
    () => everywhere([0, 1], (point) => writes(atRequest, point)),
    900_000,
  )

  test(
    'a stanza to WhatsApp, while she writes: everything once',
    () => everywhere([1, 5], (point) => writes(atStanza, point)),
    900_000,
  )
})
