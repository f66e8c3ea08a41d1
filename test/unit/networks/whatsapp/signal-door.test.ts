import { describe, expect, test } from 'vitest'
import type { Device } from './signal-setup.ts'
import { pair } from './signal-setup.ts'

const GROUP = '120363000000000001@g.us'
const stanza = (id: string) => ({ tag: 'message', attrs: { id, from: '111@lid' }, content: [] })

const seal = (from: Device, to: Device, text: string) =>
  from.door.encryptMessage({ jid: to.jid, data: Buffer.from(text) })

async function open(to: Device, from: Device, sealed: Awaited<ReturnType<typeof seal>>): Promise<string> {
  return Buffer.from(await to.door.decryptMessage({ jid: from.jid, ...sealed })).toString()
}

describe('what was opened', () => {
  test('can be opened again, also by another process', async () => {
    const { alice, bob } = await pair()
    const first = await seal(alice, bob, 'one')
    expect(first.type).toBe('pkmsg')
    expect(await open(bob, alice, first)).toBe('one')
    expect(await open(bob, alice, first)).toBe('one')
    await bob.crash()
    expect(await open(bob, alice, first)).toBe('one')
    expect(await open(alice, bob, await seal(bob, alice, 'two'))).toBe('two')
    const third = await seal(alice, bob, 'three')
    expect(third.type).toBe('msg')
    expect(await open(bob, alice, third)).toBe('three')
    await bob.crash()
    expect(await open(bob, alice, third)).toBe('three')
  })

  test('is committed at once with the ratchet and the key that is used up', async () => {
    const { alice, bob } = await pair()
    const sealed = await seal(alice, bob, 'one')
    bob.commits.length = 0
    bob.journal.begin(stanza('m1'))
    await open(bob, alice, sealed)
    const { hashes } = bob.journal.end()
    const [commit = {}, ...others] = bob.commits
    expect(others).toEqual([])
    expect(Object.keys(commit).map((key) => key.replace(/inbox\/.*/, 'inbox'))).toEqual(
      expect.arrayContaining(['key/session/111_1.0', 'key/pre-key/1', 'inbox']),
    )
    expect(commit['key/pre-key/1']).toBeUndefined()
    expect(hashes).toHaveLength(1)
  })

  test('is not opened at all where it cannot be kept', async () => {
    const { alice, bob } = await pair()
    const sealed = await seal(alice, bob, 'one')
    bob.broken = new Error('the database is away')
    await expect(open(bob, alice, sealed)).rejects.toThrow('the database is away')
    bob.broken = undefined
    expect(await open(bob, alice, sealed)).toBe('one')
  })

  test('is replayed in its order until it is confirmed', async () => {
    const { alice, bob } = await pair()
    for (const id of ['m1', 'm2', 'm3']) {
      bob.journal.begin(stanza(id))
      await open(bob, alice, await seal(alice, bob, id))
      const { hashes } = bob.journal.end()
      if (id === 'm2') await bob.journal.confirm(hashes)
    }
    await bob.crash()
    expect((await bob.journal.unconfirmed()).waiting.map(({ attrs }) => attrs['id'])).toEqual(['m1', 'm3'])
  })
})

test('what was opened is given up after many connections and a long time, not after one of the two', async () => {
  const { alice, bob } = await pair()
  bob.journal.begin(stanza('m1'))
  await open(bob, alice, await seal(alice, bob, 'poison'))
  bob.journal.end()
  const restart = async () => {
    await bob.crash()
    const { waiting, givenUp } = await bob.journal.unconfirmed()
    return [waiting.length, givenUp.length]
  }
  for (let i = 0; i < 30; i += 1) expect(await restart()).toEqual([1, 0])
  await bob.clock.advance(2 * 60 * 60_000)
  expect(await restart()).toEqual([0, 1])
  expect(await restart()).toEqual([0, 0])
})

describe('a counter is used once', () => {
  test('when a process ends between the sealing and the end of its transaction', async () => {
    const { alice, bob } = await pair()
    const lost = alice.keys.transaction(async () => {
      const sealed = await seal(alice, bob, 'left')
      // The stanza leaves here; the transaction never ends.
      throw Object.assign(new Error('killed'), { sealed })
    }, 'relay')
    const killed: unknown = await lost.catch((error: unknown) => error)
    const { sealed } = killed as { sealed: Awaited<ReturnType<typeof seal>> }
    await alice.crash()
    const next = await seal(alice, bob, 'next')
    expect(await open(bob, alice, sealed)).toBe('left')
    expect(await open(bob, alice, next)).toBe('next')
  })

  test('in a group too', async () => {
    const { alice, bob } = await pair()
    const speak = (text: string) =>
      alice.door.encryptGroupMessage({ group: GROUP, meId: alice.jid, data: Buffer.from(text) })
    const hear = async (msg: Uint8Array) =>
      Buffer.from(await bob.door.decryptGroupMessage({ group: GROUP, authorJid: alice.jid, msg })).toString()
    const first = await speak('first')
    await bob.door.processSenderKeyDistributionMessage({
      authorJid: alice.jid,
      item: { groupId: GROUP, axolotlSenderKeyDistributionMessage: first.senderKeyDistributionMessage },
    })
    expect(await hear(first.ciphertext)).toBe('first')
    const left: Uint8Array[] = []
    const lost = alice.keys.transaction(async () => {
      left.push((await speak('left')).ciphertext)
      throw new Error('killed')
    }, 'relay')
    await expect(lost).rejects.toThrow('killed')
    await alice.crash()
    const next = await speak('next')
    expect(await hear(left[0] ?? Buffer.alloc(0))).toBe('left')
    expect(await hear(next.ciphertext)).toBe('next')
    expect(await hear(next.ciphertext)).toBe('next')
  })
})

test('two who write to each other first at the same time, and again before they have heard, are always understood', async () => {
  const { alice, bob } = await pair()
  await bob.door.injectE2ESession({ jid: alice.jid, session: await alice.bundle() })
  const heard: string[] = []
  for (let i = 0; i < 6; i += 1) {
    const both = [await seal(alice, bob, `a${i}`), await seal(bob, alice, `b${i}`)] as const
    if (i === 2) await alice.door.injectE2ESession({ jid: bob.jid, session: await bob.bundle() })
    heard.push(await open(bob, alice, both[0]), await open(alice, bob, both[1]))
  }
  expect(heard).toEqual([0, 1, 2, 3, 4, 5].flatMap((i) => [`a${i}`, `b${i}`]))
})

test('many messages both ways at the same time are all opened', async () => {
  const { alice, bob } = await pair()
  expect(await open(bob, alice, await seal(alice, bob, 'hello'))).toBe('hello')
  const one = async (from: Device, to: Device, text: string) => open(to, from, await seal(from, to, text))
  const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`)
  const opened = await Promise.all([
    ...texts.map((text) => one(alice, bob, text)),
    ...texts.map((text) => one(bob, alice, text)),
  ])
  expect(opened).toEqual([...texts, ...texts])
})
