import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person as MatrixPerson } from '../support/stack.ts'
import type { Person } from '../support/whatsapp.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'
import { doublePuppet } from '../support/worlds.ts'

const photo = (background: string) =>
  sharp({ create: { width: 32, height: 32, channels: 3, background } })
    .jpeg()
    .toBuffer()

/** Names and pictures of contacts, of businesses and of groups. */
describe('who is who', () => {
  let world: WhatsAppWorld
  let dora: MatrixPerson
  let hers: Person

  beforeAll(async () => {
    world = await WhatsAppWorld.start()
    hers = await world.whatsapp.person('4915412345678', 'Dora')
    dora = await world.stack.person('dora')
    await world.logIn(dora, hers)
    const { bob, her, wa } = world
    wa.world.desk(her.account.phone).contact(bob.account, { fullName: 'Mum' })
    wa.world.desk(hers.account.phone).contact(bob.account, { fullName: 'Dr. Builder' })
  })

  afterAll(() => world.end())

  const state = (room: string, type: string, key = '') => world.homeserver.state(room, type, key)
  const nameIn = (room: string, of = world.bob) =>
    state(room, 'm.room.member', world.ghost(of))?.['displayname']
  const profile = (of: Person) => world.homeserver.profile(world.ghost(of))

  test('two users who know the same person under different names each see their own', async () => {
    const { bob, her } = world
    const alices = await world.enter(bob, her.pn, 'hi alice')
    await bob.socket.sendMessage(hers.pn, { text: 'hi dora' })
    const doras = await world.roomWith('hi dora', dora)
    expect(alices).not.toBe(doras)
    await world.until(() => nameIn(alices) === 'Mum' && world.nameOf(alices) === 'Mum', 'her name for him')
    await world.until(
      () => nameIn(doras) === 'Dr. Builder' && world.nameOf(doras) === 'Dr. Builder',
      'the other name for him',
    )
    // Everywhere else he is called what he calls himself.
    const { jid } = await world.group('All of us', her, hers)
    const room = await world.enter(bob, jid, 'hi all')
    await world.quiet()
    expect(nameIn(room)).toBe('Bob')
    expect(profile(bob).displayname).toBe('Bob')
    expect([nameIn(alices), nameIn(doras)]).toEqual(['Mum', 'Dr. Builder'])
  })

  test('a name changed in the address book follows at once, for its owner alone; taken out, it is the public one', async () => {
    const { bob, her, wa } = world
    const alices = await world.roomWith('hi alice')
    const doras = await world.roomWith('hi dora', dora)
    const desk = wa.world.desk(her.account.phone)
    desk.contact(bob.account, { fullName: 'Mummy' })
    await world.until(() => nameIn(alices) === 'Mummy' && world.nameOf(alices) === 'Mummy', 'the new name')
    desk.removeContact(bob.account)
    await world.until(() => nameIn(alices) === 'Bob' && world.nameOf(alices) === 'Bob', 'no name')
    desk.contact(bob.account, { fullName: 'Dad' })
    await world.until(() => nameIn(alices) === 'Dad', 'a name again')
    expect(nameIn(doras)).toBe('Dr. Builder')
    expect(profile(bob).displayname).toBe('Bob')
  })

  test('who calls themselves otherwise is called so where everybody is, and where nobody has a name for them', async () => {
    const { her } = world
    const carol = await world.carol()
    const direct = await world.enter(carol, her.pn)
    await world.until(() => world.nameOf(direct) === 'Carol', 'her name')
    carol.account.name = 'Caroline'
    await carol.socket.sendMessage(her.pn, { text: 'call me that' })
    await world.message(direct, 'call me that')
    await world.until(() => profile(carol).displayname === 'Caroline', 'her new name')
    await world.until(() => world.nameOf(direct) === 'Caroline', 'the new name of the room')
  })

  test('a business goes by the name that was verified, and follows it', async () => {
    const { her } = world
    const shop = await world.whatsapp.person('4915512345678', 'shop phone', {
      business: { name: 'Tea & Co' },
    })
    const direct = await world.enter(shop, her.pn)
    await world.until(() => profile(shop).displayname === 'Tea & Co', 'its verified name')
    shop.account.business = { name: 'Tea & Sons' }
    await shop.socket.sendMessage(her.pn, { text: 'we have a new sign' })
    await world.message(direct, 'we have a new sign')
    await world.until(() => profile(shop).displayname === 'Tea & Sons', 'its new name')
  })

  test('pictures of contacts: there from the first message, changed, and taken away', async () => {
    const { her, wa } = world
    const dan = await world.whatsapp.person('4915612345678', 'Dan')
    const [red, blue] = [await photo('red'), await photo('blue')]
    wa.world.pictures.put(dan.account, red, dan.account)
    await world.enter(dan, her.pn)
    const shows = (bytes: Buffer) => isAt(world, profile(dan).avatar_url, bytes)
    await untilAsync(() => shows(red), 'his picture')
    wa.world.pictures.put(dan.account, blue, dan.account)
    await untilAsync(() => shows(blue), 'his new picture')
    wa.world.pictures.put(dan.account, undefined, dan.account)
    await world.until(() => (profile(dan).avatar_url ?? '') === '', 'no picture')
  })

  test('a picture that one account may not see is not taken from the ghost', async () => {
    const { her, wa } = world
    const eve = await world.whatsapp.person('4915712345678', 'Eve')
    wa.world.pictures.put(eve.account, await photo('green'), eve.account)
    await world.enter(eve, her.pn)
    await world.until(() => (profile(eve).avatar_url ?? '') !== '', 'her picture')
    eve.account.privacy.set('profile', 'none')
    await eve.socket.sendMessage(hers.pn, { text: 'hi from eve' })
    await world.roomWith('hi from eve', dora)
    await eve.socket.sendMessage(hers.pn, { text: 'and more' })
    await world.roomWith('and more', dora)
    await world.quiet()
    expect(profile(eve).avatar_url ?? '').not.toBe('')
  })
})

describe('pictures of groups', () => {
  let world: WhatsAppWorld

  beforeAll(async () => {
    world = await WhatsAppWorld.start(doublePuppet)
  })

  afterAll(() => world.end(['This is no picture that WhatsApp takes.']))

  test('the picture that a group has, a new one, and none', async () => {
    const { bob, her, wa } = world
    const group = await world.group('Tea room', her)
    const [red, blue] = [await photo('red'), await photo('blue')]
    await world.quiet()
    wa.world.pictures.put(group, red, bob.account)
    const room = await world.enter(bob, group.jid)
    const url = () => (world.homeserver.state(room, 'm.room.avatar')?.['url'] ?? '') as string
    const shows = (bytes: Buffer) => isAt(world, url(), bytes)
    await untilAsync(() => shows(red), 'the picture')
    wa.world.pictures.put(group, blue, bob.account)
    await untilAsync(() => shows(blue), 'the new picture')
    wa.world.pictures.put(group, undefined, bob.account)
    await world.until(() => url() === '', 'no picture')
  })

  test('a group that had a picture before the bridge knew it', async () => {
    const { bob, her, wa } = world
    const carol = await world.carol()
    const group = await world.group('Old room', carol)
    wa.world.pictures.put(group, await photo('red'), bob.account)
    await bob.socket.groupParticipantsUpdate(group.jid, [her.pn], 'add')
    const room = await world.enter(bob, group.jid)
    await world.until(
      () => world.homeserver.state(room, 'm.room.avatar')?.['url'] !== undefined,
      'its picture',
    )
  })

  test('a picture given and taken away on Matrix', async () => {
    const { bob, her } = world
    const { group, room } = await world.enterGroup('Cake room', her)
    await bob.socket.groupParticipantsUpdate(group.jid, [her.pn], 'promote')
    const { user } = world.alice
    const mxc = await user.upload(await photo('red'), 'image/jpeg', 'red.jpg')
    await world.administers(room)
    await user.state(room, 'm.room.avatar', '', { url: mxc })
    await world.until(() => group.picture !== undefined, 'the picture on WhatsApp')
    await world.bobSays(group.jid, { text: 'nice picture' })
    await world.message(room, 'nice picture')
    // What she gave is not given back to her as another one.
    expect(world.homeserver.state(room, 'm.room.avatar')?.['url']).toBe(mxc)
    await user.state(room, 'm.room.avatar', '', {})
    await world.until(() => group.picture === undefined, 'no picture on WhatsApp')
    const bad = await user.upload(Buffer.from('no picture'), 'image/png', 'bad.png')
    await user.state(room, 'm.room.avatar', '', { url: bad })
    await world.see(room, 'This is no picture that WhatsApp takes.')
  })
})

/** Whether a file of the homeserver is this one. */
const isAt = async (world: WhatsAppWorld, url: string | undefined, bytes: Buffer): Promise<boolean> =>
  url !== undefined && url !== '' && bytes.equals(await world.file(url))

async function untilAsync(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
