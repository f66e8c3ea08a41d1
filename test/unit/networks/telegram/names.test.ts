import { Long } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import {
  contactName,
  mergeUser,
  nameOf,
  namesOf,
  publicName,
  remoteUser,
  senderOf,
  usernameOf,
} from '../../../../src/networks/telegram/names.ts'
import { profilePicture, readMediaRef } from '../../../../src/networks/telegram/picture.ts'
import { BOB, CEM, DAN, ME, NEWS, basicGroup, supergroup, user, view } from './setup.ts'

describe('names', () => {
  it.each([
    ['both names', user(1, { firstName: 'Bob', lastName: 'Bee' }), 'Bob Bee', ''],
    ['a first name', user(1, { firstName: 'Bob' }), 'Bob', ''],
    ['no name', user(1), undefined, ''],
    ['a contact', user(1, { contact: true, firstName: 'Plumber' }), undefined, 'Plumber'],
    [
      'oneself, who is one’s own contact',
      user(1, { contact: true, self: true, firstName: 'Ann' }),
      'Ann',
      '',
    ],
    ['a deleted account', user(1, { deleted: true }), 'Deleted account', ''],
    ['an incomplete object', user(1, { min: true, firstName: 'Bob' }), 'Bob', undefined],
    ['a name that turns the line', user(1, { firstName: 'a\u202eb\nc' }), 'a b c', ''],
  ])('of %s', (_, of, name, saved) => {
    expect(publicName(of)).toBe(name)
    expect(contactName(of)).toBe(saved)
  })

  it('never lets an address book out of the direct chat', () => {
    const plumber = user(CEM, { contact: true, firstName: 'Plumber', username: 'cem' })
    expect(remoteUser(plumber)).toEqual({ id: 'user:3000', handle: '@cem', avatar: null })
    expect(remoteUser(plumber, { direct: true })).toEqual({
      id: 'user:3000',
      handle: '@cem',
      contactName: 'Plumber',
      avatar: null,
    })
    expect(nameOf(view(), { kind: 'user', id: CEM })).toBe('@cem')
    expect(JSON.stringify(senderOf(view(), { kind: 'user', id: CEM }))).not.toContain('My Cem')
  })

  it('takes the public picture, and not one that the viewer has put there', () => {
    const photo = { _: 'userProfilePhoto' as const, photoId: Long.fromNumber(9), dcId: 2 }
    expect(remoteUser(user(1, { photo })).avatar).toMatchObject({
      id: '9',
      media: { source: { at: 'remote', ref: { of: 'profile', peer: 'user', peerId: 1, id: '9' } } },
    })
    expect(remoteUser(user(1, { photo: { ...photo, personal: true } }))).not.toHaveProperty('avatar')
    expect(remoteUser(user(1, { min: true }))).not.toHaveProperty('avatar')
  })

  it('finds the pictures of groups and channels', () => {
    const photo = { _: 'chatPhoto' as const, photoId: Long.fromNumber(9), dcId: 2 }
    const refs = [basicGroup({ photo }), supergroup({ photo })].map((of) => {
      const source = profilePicture(of)?.media.source
      return source?.at === 'remote' ? readMediaRef(source.ref) : undefined
    })
    expect(refs).toEqual([
      { of: 'profile', peer: 'chat', peerId: 500, id: '9' },
      { of: 'profile', peer: 'channel', peerId: 600, id: '9' },
    ])
    expect(profilePicture(basicGroup())).toBeNull()
  })

  it('does not leak an old user name', () => {
    const names = [
      { _: 'username' as const, username: 'old' },
      { _: 'username' as const, username: 'now', active: true },
    ]
    expect(usernameOf({ usernames: names })).toBe('now')
    expect(usernameOf({})).toBeUndefined()
  })

  it('marks the owner who uses another client, and users of the bridge', () => {
    expect(senderOf(view(), { kind: 'user', id: ME })).toMatchObject({ id: 'user:1000', self: 7 })
    expect(senderOf(view(), { kind: 'user', id: BOB })).not.toHaveProperty('self')
    expect(senderOf(view(), { kind: 'channel', id: NEWS })).toMatchObject({ id: 'channel:800', name: 'News' })
    expect(senderOf(view(), { kind: 'user', id: 99 })).toEqual({ id: 'user:99' })
  })

  it('lists people in a sentence', () => {
    expect(namesOf(view(), [])).toBe('nobody')
    expect(namesOf(view(), [BOB])).toBe('Bob Bee')
    expect(namesOf(view(), [BOB, DAN, 99])).toBe('Bob Bee, Dan and somebody')
    expect(namesOf(view(), [BOB, DAN, ME], 1)).toBe('Bob Bee and 2 others')
  })

  it('lets an incomplete object change nothing that it does not know', () => {
    const known = user(1, { firstName: 'Bob', contact: true })
    const photo = { _: 'userProfilePhoto' as const, photoId: Long.ONE, dcId: 2 }
    const min = user(1, { min: true, firstName: 'Robert', accessHash: Long.ZERO, photo })
    expect(mergeUser(known, min)).toEqual(known)
    expect(mergeUser(known, { ...min, applyMinPhoto: true })).toEqual({ ...known, photo })
    expect(mergeUser(undefined, min)).toBe(min)
    expect(mergeUser(min, known)).toBe(known)
  })
})
