import { expect, test } from 'vitest'
import { until } from './until.ts'
import type { Addressing } from './world/jid.ts'
import type { Person } from './world/test-person.ts'
import { Town } from './world/test-town.ts'

type Three = { town: Town; alice: Person; bob: Person; carol: Person; group: string }

/** Alice's group with Bob, and Carol who is not in it yet. */
async function three(addressing: Addressing = 'lid'): Promise<Three> {
  const town = await Town.start({ switches: { groupAddressing: addressing } })
  const alice = await town.person('111', 'Alice')
  const bob = await town.person('222', 'Bob')
  const carol = await town.person('333', 'Carol')
  const { id } = await alice.socket.groupCreate('Tea', [bob.pn])
  await bob.saw('groups.upsert', ([one]) => one?.id === id)
  return { town, alice, bob, carol, group: id }
}

test.each(['lid', 'pn'] as const)(
  'a third client, added later, decodes a group by %s',
  async (addressing) => {
    const { alice, bob, carol, group } = await three(addressing)
    await alice.socket.sendMessage(group, { text: 'just us' })
    await bob.heardText('just us')
    await alice.socket.groupParticipantsUpdate(group, [carol.pn], 'add')
    const [joined] = await carol.saw('groups.upsert', ([one]) => one?.id === group)
    expect(joined?.participants.map(({ id }) => id)).toEqual(
      [alice, bob, carol].map(({ account }) => account.jid(addressing)),
    )
    const added = await bob.saw('group-participants.update', ({ action }) => action === 'add')
    expect(added.participants.map(({ id }) => id)).toEqual([carol.account.jid(addressing)])
    const other = addressing === 'lid' ? 'pn' : 'lid'
    await alice.socket.sendMessage(group, { text: 'welcome' })
    for (const one of [bob, carol])
      expect((await one.heardText('welcome')).key).toMatchObject({
        remoteJid: group,
        participant: alice.account.jid(addressing),
        participantAlt: alice.account.jid(other),
        addressingMode: addressing,
      })
    const sent = await carol.socket.sendMessage(group, { text: 'thanks' })
    for (const one of [alice, bob]) await one.heardText('thanks')
    expect(carol.client.texts).not.toContain('just us')
    const got = await alice.heardText('thanks')
    await alice.socket.readMessages([got.key])
    expect(await carol.readBy(sent?.key.id)).toBe(alice.account.jid(addressing))
  },
)

test('subject, description and settings are heard, also by their maker', async () => {
  const { alice, bob, group } = await three()
  await alice.socket.groupUpdateSubject(group, 'Coffee')
  await alice.socket.groupUpdateDescription(group, 'no tea')
  await alice.socket.groupUpdateDescription(group, 'really no tea')
  await alice.socket.groupToggleEphemeral(group, 86_400)
  await alice.socket.groupSettingUpdate(group, 'announcement')
  await alice.socket.groupSettingUpdate(group, 'locked')
  for (const one of [alice, bob]) {
    await one.saw('groups.update', (updates) => updates.some(({ subject }) => subject === 'Coffee'))
    await one.saw('groups.update', (updates) => updates.some(({ desc }) => desc === 'really no tea'))
    await one.saw('groups.update', (updates) => updates.some(({ announce }) => announce))
    await one.saw('groups.update', (updates) => updates.some(({ restrict }) => restrict))
  }
  const shown = await bob.socket.groupMetadata(group)
  expect(shown).toMatchObject({
    subject: 'Coffee',
    desc: 'really no tea',
    ephemeralDuration: 86_400,
    announce: true,
    restrict: true,
    owner: alice.lid,
    ownerPn: alice.pn,
  })
  await expect(bob.socket.groupUpdateSubject(group, 'Tea')).rejects.toThrow('forbidden')
  const sent = await bob.socket.sendMessage(group, { text: 'may I?' })
  await until(() => bob.statuses(sent?.key.id).includes(0), 'the refusal')
})

test('roles change, people are removed, leave, and come by link', async () => {
  const { alice, bob, carol, group } = await three()
  await alice.socket.groupParticipantsUpdate(group, [bob.lid], 'promote')
  await bob.saw('group-participants.update', ({ action }) => action === 'promote')
  const code = await bob.socket.groupInviteCode(group)
  expect(await carol.socket.groupAcceptInvite(code ?? '')).toBe(group)
  await alice.saw('group-participants.update', ({ action }) => action === 'add')
  expect((await carol.socket.groupMetadata(group)).participants.map(({ admin }) => admin)).toEqual([
    'superadmin',
    'admin',
    null,
  ])
  await bob.socket.groupParticipantsUpdate(group, [carol.lid], 'remove')
  await carol.saw('group-participants.update', ({ action }) => action === 'remove')
  await expect(carol.socket.groupMetadata(group)).rejects.toThrow('forbidden')
  await expect(carol.socket.groupGetInviteInfo('nonsense')).rejects.toThrow('not-acceptable')
  expect((await carol.socket.groupGetInviteInfo(code ?? '')).subject).toBe('Tea')
  await bob.socket.groupRevokeInvite(group)
  await expect(carol.socket.groupAcceptInvite(code ?? '')).rejects.toThrow('not-acceptable')
  await bob.socket.groupLeave(group)
  const left = await alice.saw(
    'group-participants.update',
    ({ action, participants }) => action === 'remove' && participants[0]?.id === bob.lid,
  )
  expect(left.author).toBe(bob.lid)
  expect(Object.keys(await bob.socket.groupFetchAllParticipating())).toEqual([])
  expect(Object.keys(await alice.socket.groupFetchAllParticipating())).toEqual([group])
})

test('who wants to join waits where the group says so', async () => {
  const { alice, carol, group } = await three()
  await alice.socket.groupJoinApprovalMode(group, 'on')
  const code = await alice.socket.groupInviteCode(group)
  await carol.socket.groupAcceptInvite(code ?? '')
  const asked = await alice.saw('group.join-request', ({ action }) => action === 'created')
  expect(asked).toMatchObject({ participant: carol.lid, participantPn: carol.pn })
  expect((await alice.socket.groupRequestParticipantsList(group)).map(({ jid }) => jid)).toEqual([carol.lid])
  await alice.socket.groupRequestParticipantsUpdate(group, [carol.lid], 'approve')
  await carol.saw('groups.upsert', ([one]) => one?.id === group)
})

test('a missing sender key is asked for, and the message comes again', async () => {
  const { town, alice, bob, group } = await three()
  town.world.faults.loseSenderKey({ phone: '222' })
  await alice.socket.sendMessage(group, { text: 'without a key' })
  await bob.heardText('without a key')
  await alice.socket.sendMessage(group, { text: 'with it' })
  await bob.heardText('with it')
})

test('a status is seen by those it names, and typing in a group by its members', async () => {
  const { alice, bob, carol, group } = await three()
  await alice.socket.sendMessage('status@broadcast', { text: 'at home' }, { statusJidList: [bob.pn] })
  expect((await bob.heardText('at home')).key).toMatchObject({
    remoteJid: 'status@broadcast',
    participant: alice.pn,
  })
  await alice.socket.sendPresenceUpdate('composing', group)
  await bob.saw('presence.update', ({ id, presences }) => id === group && alice.lid in presences)
  expect(carol.client.messages).toEqual([])
})
