import type { GroupMetadata } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { remoteUserId } from '../../../../src/model/ids.ts'
import { Groups } from '../../../../src/networks/whatsapp/groups.ts'

const group = (id: string, subject: string): GroupMetadata => ({
  id: `${id}@g.us`,
  subject,
  owner: undefined,
  participants: [{ id: '9009@lid', phoneNumber: '15550009@s.whatsapp.net', admin: null }],
})
const names = (groups: Groups) => groups.all.map(({ subject }) => subject).toSorted()

test('what is told of groups while their list is under way is newer than the list', () => {
  const groups = new Groups()
  for (const [id, name] of [
    ['1', 'left before'],
    ['2', 'stays'],
    ['3', 'left meanwhile'],
  ] as const)
    groups.set(group(id, name))
  groups.ask()
  groups.set(group('4', 'new'))
  groups.delete('3@g.us')
  groups.replace([group('2', 'stays'), group('3', 'left meanwhile')])
  expect(names(groups)).toEqual(['new', 'stays'])
  groups.ask()
  groups.replace([group('2', 'renamed')])
  expect(names(groups)).toEqual(['renamed'])
})

test('a group tells the phone numbers of its members', () => {
  const groups = new Groups()
  groups.set(group('1', 'any'))
  expect(groups.numberOf(remoteUserId('9009@lid'))).toBe('+15550009')
  expect(groups.numberOf(remoteUserId('9010@lid'))).toBeUndefined()
})
