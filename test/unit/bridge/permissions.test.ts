import { expect, test } from 'vitest'
import { PERMISSION_LEVELS, mayAtLeast, permissionOf } from '../../../src/bridge/permissions.ts'
import type { PermissionLevel } from '../../../src/bridge/permissions.ts'

const TABLE: Record<string, PermissionLevel> = {
  '*': 'relay',
  'example.org': 'user',
  'example.org:8448': 'block',
  '@boss:example.org': 'admin',
  '@troll:example.org': 'block',
  '@friend:other.org': 'user',
}

test.each<[string, PermissionLevel]>([
  ['@boss:example.org', 'admin'],
  ['@troll:example.org', 'block'],
  ['@anyone:example.org', 'user'],
  ['@anyone:example.org:8448', 'block'],
  ['@friend:other.org', 'user'],
  ['@anyone:other.org', 'relay'],
  // No part of a name is enough.
  ['@boss:example.org.evil.org', 'relay'],
  ['@boss:sub.example.org', 'relay'],
  ['@BOSS:example.org', 'user'],
  ['boss', 'relay'],
  ['', 'relay'],
  // A localpart cannot speak for a server: all after the first colon is the server.
  ['@x:evil.org:example.org', 'relay'],
])('%s is %s', (user, level) => {
  expect(permissionOf(user, TABLE)).toBe(level)
})

test('nobody named is blocked', () => {
  expect(permissionOf('@anyone:example.org', {})).toBe('block')
  expect(permissionOf('', {})).toBe('block')
})

test.each(['__proto__', 'constructor', 'toString', '@a:constructor', '@a:__proto__'])(
  'what every object has, such as %s, is no entry',
  (user) => {
    expect(permissionOf(user, { 'example.org': 'admin' })).toBe('block')
  },
)

test('each level includes those before it', () => {
  const allowed = PERMISSION_LEVELS.map((level) =>
    PERMISSION_LEVELS.filter((wanted) => mayAtLeast(level, wanted)),
  )
  expect(allowed).toEqual([
    ['block'],
    ['block', 'relay'],
    ['block', 'relay', 'user'],
    ['block', 'relay', 'user', 'admin'],
  ])
})
