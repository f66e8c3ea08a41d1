import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { remoteChatId, remoteMessageId, remoteUserId } from '../../../../src/model/ids.ts'
import {
  aliasLocalpart,
  ghostLocalpart,
  isRelayedNick,
  msgidOf,
  parseAliasLocalpart,
  parseChatId,
  parseGhostLocalpart,
  toChatId,
  toMessageId,
  toUserId,
} from '../../../../src/networks/irc/ids.ts'
import { wellFormedText, runs } from './runs.ts'

describe('ids', () => {
  it('folds names', () => {
    expect(toChatId('libera', '#Foo[x]', 'rfc1459')).toBe('libera/#foo{x}')
    expect(toUserId('libera', 'Al/Net', 'ascii')).toBe('libera/al/net')
    expect(parseChatId(remoteChatId('libera/#a/b'))).toEqual({ network: 'libera', name: '#a/b' })
    expect(parseChatId(remoteChatId('nothing'))).toBeUndefined()
    expect(isRelayedNick('al/net')).toBe(true)
  })

  it.each([
    ['', 'x'],
    ['a/b', 'x'],
    ['a', ''],
  ])('refuses network %j with name %j', (network, name) => {
    expect(() => toChatId(network, name, 'ascii')).toThrow(/IRC/)
  })

  it('keeps made message ids apart from those of servers', () => {
    expect(toMessageId('abc', 7, 1)).toBe('abc')
    expect(toMessageId(undefined, 7, 1)).toBe(':7.1')
    expect(toMessageId('', 'e', 2)).toBe(':e.2')
    expect(msgidOf(remoteMessageId('abc'))).toBe('abc')
    expect(msgidOf(remoteMessageId(':7.1'))).toBeUndefined()
  })
})

describe('localparts', () => {
  it.each([
    ['libera/alice', 'libera_alice'],
    ['my_net/a_b', 'my=5fnet_a_b'],
    ['n/{x}|^', 'n_=7bx=7d=7c=5e'],
    ['n/ä=', 'n_=c3=a4=3d'],
    ['N/Al', '=4e_=41l'],
  ])('%s is %s', (id, localpart) => {
    expect(ghostLocalpart(remoteUserId(id))).toBe(localpart)
    expect(parseGhostLocalpart(localpart)).toBe(id)
  })

  it('escapes channels', () => {
    expect(aliasLocalpart(remoteChatId('libera/#foo'))).toBe('libera_=23foo')
    expect(parseAliasLocalpart('libera_=23foo')).toBe('libera/#foo')
  })

  it.each(['', 'x', '_x', 'x_', 'x_Y', 'x_=', 'x_=zz', 'x_a b'])('does not read %j', (localpart) => {
    expect(parseGhostLocalpart(localpart)).toBeUndefined()
  })

  it('gives different ids different localparts, in the allowed alphabet', () => {
    const network = fc.stringMatching(/^[A-Za-z0-9_.=-]{1,6}$/)
    const id = fc
      .tuple(
        network,
        wellFormedText(8).filter((name) => name !== ''),
      )
      .map((p) => p.join('/'))
    fc.assert(
      fc.property(id, (id) => {
        const localpart = ghostLocalpart(remoteUserId(id))
        expect(localpart).toMatch(/^[a-z0-9._=-]+$/)
        expect(parseGhostLocalpart(localpart)).toBe(id)
      }),
      runs,
    )
  })
})
