import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  formatRegistration,
  newDoublePuppetRegistration,
  newRegistration,
  parseRegistration,
} from '../../../src/matrix/registration.ts'

const options = {
  url: 'http://127.0.0.1:1',
  serverName: 'example.org',
  botLocalpart: 'bridgebot',
  userPrefix: '_',
}

test('what is written is read again', () => {
  for (const registration of [newRegistration(options), newDoublePuppetRegistration(options)])
    expect(parseRegistration(formatRegistration(registration))).toEqual(registration)
})

test('the file has what a homeserver wants', () => {
  const registration = newRegistration(options)
  expect(parse(formatRegistration(registration))).toMatchObject({
    id: 'viaduct',
    url: 'http://127.0.0.1:1',
    as_token: registration.asToken,
    rate_limited: false,
    receive_ephemeral: true,
    'io.element.msc4190': true,
    namespaces: { rooms: [] },
  })
  expect(registration.asToken).toMatch(/^[0-9a-f]{64}$/)
  expect(registration.hsToken).not.toBe(registration.asToken)
})

test('two registrations never share an id or a token', () => {
  const [one, two] = [newRegistration(options), newDoublePuppetRegistration(options)]
  expect(two.id).not.toBe(one.id)
  expect(two.asToken).not.toBe(one.asToken)
  expect(parse(formatRegistration(two))).toMatchObject({ url: null })
})

describe('the namespace', () => {
  const { users, senderLocalpart } = newRegistration({ ...options, userPrefix: 'a+b_' })
  const holds = (user: string) => users.some(({ regex }) => new RegExp(regex).test(user))
  test.each([
    ['@a+b_irc_libera/x:example.org', true],
    ['@a+b_telegram_1:example.org', true],
    ['@bridgebot:example.org', true],
    ['@aab_irc_x:example.org', false],
    ['@a+b_matrix_x:example.org', false],
    ['@bridgebot:exampleXorg', false],
    ['@bridgebot:example.org.evil.net', false],
    ['@someone:example.org', false],
  ])('%s: %s', (user, expected) => {
    expect(holds(user)).toBe(expected)
  })

  test('does not hold its own sender', () => {
    expect(holds(`@${senderLocalpart}:example.org`)).toBe(false)
  })
})

describe('a broken file is refused without its words', () => {
  const secret = 'as_token: "TOPSECRET"'
  test.each([
    ['not YAML', `${secret}\n\t: [`],
    ['not a mapping', '- 1'],
    ['without an id', secret],
    ['with a number for a token', 'id: x\nurl: null\nas_token: 5\nhs_token: b\nsender_localpart: c'],
    [
      'with namespaces that are no list',
      'id: x\nurl: null\nas_token: a\nhs_token: b\nsender_localpart: c\nnamespaces: {users: 5}',
    ],
  ])('%s', (_what, file) => {
    expect(() => parseRegistration(file)).toThrowError(
      expect.objectContaining({
        code: 'bad_config',
        message: expect.not.stringContaining('TOPSECRET') as string,
      }) as Error,
    )
  })
})
