import { describe, expect, test } from 'vitest'
import { remoteUserId } from '../../../../src/model/ids.ts'
import { canonicalChat, movedChat } from '../../../../src/networks/whatsapp/chats.ts'
import { capabilitiesOf } from '../../../../src/networks/whatsapp/capabilities.ts'
import {
  addressOf,
  keyOf,
  keysOf,
  messageIds,
  withPairs,
} from '../../../../src/networks/whatsapp/message-key.ts'
import { toMessageId } from '../../../../src/networks/whatsapp/ids.ts'
import { directName, nameOf, namesOf, personOf, senderOf } from '../../../../src/networks/whatsapp/names.ts'
import type { Contact, View } from '../../../../src/networks/whatsapp/view.ts'
import { bob, bobLid, cem, dee, dm, facts, group, groupVoice, me, myLid, now, view } from './setup.ts'

const named = (contact: Contact): View => ({
  ...view,
  contact: (user) => (user === dee ? contact : undefined),
})

describe('names', () => {
  test.each<[Contact, string, string]>([
    [{ saved: 'Mum', business: 'Shop', push: 'Dee' }, 'Mum', 'Shop'],
    [{ business: 'Shop', push: 'Dee' }, 'Shop', 'Shop'],
    [{ push: 'Dee' }, 'Dee', 'Dee'],
    [{ saved: '' }, '+15550004', '+15550004'],
    [{ username: 'dee' }, '@dee', '@dee'],
    [{}, '+15550004', '+15550004'],
  ])('%j: address book, business, push name, phone', (contact, mine, everybodys) => {
    expect(directName(named(contact), dee)).toBe(mine)
    expect(nameOf(named(contact), dee)).toBe(everybodys)
  })

  test('the address book is said in direct chats only; an empty one says that they are not in it', () => {
    const saved = named({ saved: 'Mum', push: 'Dee' })
    expect(personOf(saved, dee)).toEqual({ id: dee, name: 'Dee', handle: '+15550004' })
    expect(personOf(saved, dee, { direct: true })).toMatchObject({ contactName: 'Mum', name: 'Dee' })
    expect(personOf(named({ saved: '' }), dee, { direct: true })).toMatchObject({ contactName: '' })
    expect(personOf(named({}), dee, { direct: true })).not.toHaveProperty('contactName')
  })

  test('one person under both ids, whichever is asked for', () => {
    expect(personOf(view, bob)).toEqual(personOf(view, bobLid))
    expect(personOf(view, bob)).toEqual({ id: bobLid, aliases: [bob], name: 'Bob', handle: '+15550002' })
    expect(personOf(view, cem)).toEqual({ id: cem, name: 'Cem' })
    expect(namesOf(view, [bob, cem, remoteUserId('5@lid')])).toBe('Bob, Cem and somebody')
  })

  test('what is known under both ids counts together', () => {
    const both: View = {
      ...view,
      contact: (user) => (user === bob ? { saved: 'B' } : user === bobLid ? { push: 'p' } : undefined),
    }
    expect(personOf(both, bob, { direct: true })).toMatchObject({ contactName: 'B', name: 'p' })
  })

  test('the account and other accounts of the bridge are marked as such', () => {
    expect(senderOf(view, me)).toMatchObject({ id: myLid, self: 1 })
    expect(senderOf({ ...view, self: { phone: me }, aliasOf: () => undefined }, me)).toMatchObject({
      id: me,
      self: 1,
    })
    const other = { ...view, loginOf: (user: string) => (user === bob ? view.login : undefined) }
    expect(senderOf(other, bobLid)).toMatchObject({ self: view.login })
  })
})

describe('phone number and LID', () => {
  test('a direct chat has one id, and goes on under the LID', () => {
    expect(canonicalChat(view, bob)).toBe(bobLid)
    expect(canonicalChat(view, '9002:4@lid')).toBe(bobLid)
    expect(canonicalChat(view, group)).toBe(group)
    const lid = remoteUserId('9004@lid')
    const moved = movedChat(view, dee, lid, now)
    expect(moved).toMatchObject({
      kind: 'moved',
      id: `moved/${dee}/${lid}`,
      chat: { id: dee },
      to: { id: lid },
    })
    expect(movedChat(view, dee, dee, now)).toBeUndefined()
  })

  test('a message brings pairs; strange ones count for nothing', () => {
    const lid = remoteUserId('9004@lid')
    const paired = withPairs(view, { remoteJid: group, participant: dee, participantAlt: lid })
    expect([paired.aliasOf(dee), paired.aliasOf(lid), paired.aliasOf(bob)]).toEqual([lid, dee, bobLid])
    const strange = withPairs(view, { remoteJid: group, participant: dee, participantAlt: bob })
    expect(strange.aliasOf(dee)).toBeUndefined()
  })

  test('a message of a group has an id for each name of its author', () => {
    expect(messageIds(view, bob, 'X')).toEqual([`${bobLid}/X`, `${bob}/X`])
    expect(messageIds(view, me, 'X')).toEqual([`${myLid}/X`, `${me}/X`])
    expect(messageIds(view, cem, 'X')).toEqual([`${cem}/X`])
    expect(messageIds(view, 'them', 'X')).toEqual(['them/X'])
  })
})

describe('keys', () => {
  test('in a direct chat', () => {
    expect(keyOf(dm, toMessageId({ by: 'me', id: 'X' }))).toEqual({
      remoteJid: bobLid,
      fromMe: true,
      id: 'X',
    })
    expect(keyOf(dm, toMessageId({ by: 'them', id: 'X' }))).toEqual({
      remoteJid: bobLid,
      fromMe: false,
      id: 'X',
    })
  })

  test('in a group, by the kind of address that it uses', () => {
    const theirs = toMessageId({ by: bob, id: 'X' })
    const key = { remoteJid: group, fromMe: false, id: 'X' }
    expect(keyOf(groupVoice, theirs)).toEqual({ ...key, participant: bobLid })
    expect(keyOf({ ...groupVoice, byLid: false }, toMessageId({ by: bobLid, id: 'X' }))).toEqual({
      ...key,
      participant: bob,
    })
    expect(keyOf(groupVoice, toMessageId({ by: me, id: 'X' }))).toEqual({ ...key, fromMe: true })
    expect(addressOf({ ...groupVoice, byLid: false }, myLid)).toBe(me)
  })

  test('several ids of one message are one key', () => {
    expect(keysOf(groupVoice, messageIds(view, bob, 'X'))).toHaveLength(1)
    expect(keysOf(dm, [toMessageId({ by: 'me', id: 'X' }), toMessageId({ by: 'me', id: 'Y' })])).toHaveLength(
      2,
    )
  })
})

describe('capabilities', () => {
  const chat = { network: 'whatsapp', id: group, type: 'group' } as const
  const as = (role: 'admin' | 'member', restrict: boolean) =>
    capabilitiesOf(chat, { self: view.self, group: () => ({ ...facts, restrict, role: () => role }) })

  test('who may change the group', () => {
    expect(as('member', true)).toMatchObject({
      name: false,
      topic: false,
      avatar: false,
      power: false,
      membership: true,
    })
    expect(as('member', false)).toMatchObject({ name: true, power: false })
    expect(as('admin', true)).toMatchObject({ name: true, power: true })
    expect(capabilitiesOf(chat, undefined)).toMatchObject({ name: true, power: true, reactionsEach: 1 })
  })

  test('a direct chat is no group', () => {
    const direct = { network: 'whatsapp', id: canonicalChat(view, bob) ?? group, type: 'dm' } as const
    expect(capabilitiesOf(direct, view)).toMatchObject({
      name: false,
      membership: false,
      pins: true,
    })
  })
})
