import type { tl } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import { loginId } from '../../../../src/model/ids.ts'
import { brings, feederOf, fingerprint } from '../../../../src/networks/telegram/feeder.ts'
import { BOB, DAN, GROUP, LOGIN, ME, SUPER, message, view } from './setup.ts'

describe('who brings a message into the bridge', () => {
  const both = { loginOf: (id: number) => (id === ME ? LOGIN : id === BOB ? loginId(8) : undefined) }
  const group: tl.TypePeer = { _: 'peerChat', chatId: GROUP }
  const channel: tl.TypePeer = { _: 'peerChannel', channelId: SUPER }
  const by = (userId: number) => ({ fromId: { _: 'peerUser' as const, userId } })

  const cases: [string, Partial<tl.RawMessage>, number | undefined, boolean][] = [
    ['its own words', { peerId: group, ...by(ME), out: true }, BOB, true],
    ['the words of another account of the bridge', { peerId: group, ...by(BOB) }, ME, false],
    ['those in a channel', { peerId: channel, ...by(BOB) }, undefined, false],
    ['those in a private chat, which is another room for each', { ...by(BOB) }, undefined, true],
    ['a stranger’s words, for the feeder', { peerId: group, ...by(DAN) }, ME, true],
    ['a stranger’s words, for another', { peerId: group, ...by(DAN) }, BOB, false],
    ['a stranger’s words in a channel', { peerId: channel, ...by(DAN) }, undefined, true],
  ]
  it.each(cases)('%s', (_, fields, feeder, expected) => {
    expect(brings(view(both), message(fields), feeder)).toBe(expected)
  })

  it('is the feeder alone for what happens to a group', () => {
    const service: tl.RawMessageService = {
      _: 'messageService',
      id: 1,
      date: 0,
      peerId: group,
      ...by(ME),
      out: true,
      action: { _: 'messageActionChatEditTitle', title: 'x' },
    }
    expect(brings(view(both), service, ME)).toBe(true)
    expect(brings(view(both), service, BOB)).toBe(false)
    expect(brings(view(both), { ...service, peerId: channel }, undefined)).toBe(true)
    expect(feederOf([5, 3, 9])).toBe(3)
    expect(feederOf([])).toBeUndefined()
  })

  it('is the same message for two accounts that number it differently', () => {
    const seenByMe = message({ peerId: group, ...by(DAN), id: 10 })
    const seenByBob = message({ peerId: group, ...by(DAN), id: 777 })
    expect(fingerprint(view({ account: BOB }), seenByBob)).toBe(fingerprint(view(), seenByMe))
    expect(fingerprint(view(), message({ peerId: group, ...by(DAN), message: 'other' }))).not.toBe(
      fingerprint(view(), seenByMe),
    )
    const own = message({ peerId: group, out: true, ...by(ME), id: 11 })
    expect(fingerprint(view({ account: BOB }), { ...own, out: false, id: 5 })).toBe(fingerprint(view(), own))
  })
})
