import { expect, test } from 'vitest'
import { applyPower, portalPower, powerOf, redactsInContent, requiredFor } from '../../../src/matrix/power.ts'
import { matrixUserId } from '../../../src/model/ids.ts'

const bot = matrixUserId('@bot:x')
const v11 = { version: '11', creators: [] }
const v12 = { version: '12', creators: [bot] }

test.each([
  [{ users: { '@a:x': 50 } }, v11, '@a:x', 50],
  [{ users: { '@a:x': 50 }, users_default: 5 }, v11, '@b:x', 5],
  [{}, v11, '@b:x', 0],
  [{ users: { '@a:x': '50' } }, v11, '@a:x', 50],
  [{ users: { '@a:x': 'much' } }, v11, '@a:x', 0],
  [{ users: {} }, v12, bot, Infinity],
  [{ users: { [bot]: 100 } }, v11, bot, 100],
])('the power in %j', (levels, info, user, expected) => {
  expect(powerOf(levels, info, user)).toBe(expected)
})

test.each([
  [{}, 'm.room.name', true, 50],
  [{}, 'm.room.message', false, 0],
  [{ state_default: 70 }, 'm.room.name', true, 70],
  [{ events_default: 10, state_default: 70 }, 'm.room.message', false, 10],
  [{ events: { 'm.room.name': 20 } }, 'm.room.name', true, 20],
])('what %j demands for %s', (levels, type, isState, expected) => {
  expect(requiredFor(levels, type, isState)).toBe(expected)
})

test('a change keeps what it does not name', () => {
  const before = { users: { '@a:x': 50 }, events: { 'm.room.name': 50 }, ban: 50, 'app.other': true }
  expect(applyPower(before, v11, { users: { '@b:x': 10 }, levels: { invite: 0 } })).toEqual({
    ...before,
    users: { '@a:x': 50, '@b:x': 10 },
    invite: 0,
  })
})

test('level 0 is an entry, undefined is none', () => {
  const before = { users: { '@a:x': 50 }, events: {} }
  expect(applyPower(before, v11, { users: { '@a:x': 0 } })?.['users']).toEqual({ '@a:x': 0 })
  expect(applyPower(before, v11, { users: { '@a:x': undefined } })?.['users']).toEqual({})
})

test('nothing changes when it is so already', () => {
  expect(applyPower({ users: { '@a:x': 50 } }, v11, { users: { '@a:x': 50 } })).toBeUndefined()
  expect(applyPower({}, v11, { users: { '@a:x': undefined } })).toBeUndefined()
})

test('creators never get an entry', () => {
  expect(applyPower({ users: {} }, v12, { users: { [bot]: 100, '@a:x': 50 } })?.['users']).toEqual({
    '@a:x': 50,
  })
  expect(portalPower('12', bot, { [bot]: 100, '@a:x': 50 })['users']).toEqual({ '@a:x': 50 })
  expect(portalPower('11', bot, { '@a:x': 50 })['users']).toEqual({ '@a:x': 50, [bot]: 100 })
})

test('an operator of IRC, who has 75, can give power; the bot, who has 100, stays above', () => {
  const levels = portalPower('11', bot, {})
  expect(requiredFor(levels, 'm.room.power_levels', true)).toBe(75)
  expect(powerOf(levels, v11, bot)).toBe(100)
})

test.each([
  ['9', false],
  ['10', false],
  ['11', true],
  ['12', true],
  ['org.matrix.msc1234', false],
])('version %s takes redactions as events: %s', (version, expected) => {
  expect(redactsInContent(version)).toBe(expected)
})
