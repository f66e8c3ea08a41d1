import type { tl } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import { loginId } from '../../../../src/model/ids.ts'
import { brings, feederOf, otherWriter } from '../../../../src/networks/telegram/feeder.ts'
import { momentOf } from '../../../../src/networks/telegram/shared-id.ts'
import { BOB, DAN, GROUP, LOGIN, ME, SUPER, message, view } from './setup.ts'

describe('who brings a message into the bridge', () => {
  const both = { loginOf: (id: number) => (id === ME ? LOGIN : id === BOB ? loginId(8) : undefined) }
  const group: tl.TypePeer = { _: 'peerChat', chatId: GROUP }
  const channel: tl.TypePeer = { _: 'peerChannel', channelId: SUPER }
  const by = (userId: number) => ({ fromId: { _: 'peerUser' as const, userId } })

  const cases: [string, Partial<tl.RawMessage>, boolean][] = [
    ['those in a channel that are its own', { peerId: channel, ...by(ME), out: true }, true],
    ['those in a channel of another account of the bridge', { peerId: channel, ...by(BOB) }, false],
    ['those in a private chat, which is another room for each', { ...by(BOB) }, true],
    ['a stranger’s words in a channel', { peerId: channel, ...by(DAN) }, true],
  ]
  it.each(cases)('%s', (_, fields, expected) => {
    expect(brings(view(both), message(fields))).toBe(expected)
  })

  it('knows the other account of the bridge that wrote something', () => {
    expect(otherWriter(view(both), message({ peerId: group, ...by(BOB) }))).toBe(BOB)
    expect(otherWriter(view(both), message({ peerId: group, ...by(DAN) }))).toBeUndefined()
    expect(otherWriter(view(both), message({ peerId: group, ...by(ME), out: true }))).toBeUndefined()
    const action: tl.TypeMessageAction = { _: 'messageActionChatEditTitle', title: 'x' }
    const service: tl.RawMessageService = {
      _: 'messageService',
      id: 1,
      date: 0,
      peerId: group,
      ...by(BOB),
      action,
    }
    expect(otherWriter(view(both), service)).toBeUndefined()
    expect(feederOf([5, 3, 9])).toBe(3)
    expect(feederOf([])).toBeUndefined()
  })

  it('is the same moment for two accounts that number it differently, also after an edit', () => {
    const seenByMe = message({ peerId: group, ...by(DAN), id: 10 })
    const seenByBob = message({ peerId: group, ...by(DAN), id: 777, message: 'edited' })
    expect(momentOf({ account: BOB }, seenByBob)).toBe(momentOf(view(), seenByMe))
    expect(momentOf(view(), message({ peerId: group, ...by(BOB) }))).not.toBe(momentOf(view(), seenByMe))
    const own = message({ peerId: group, out: true, ...by(ME), id: 11 })
    expect(momentOf({ account: BOB }, { ...own, out: false, id: 5 })).toBe(momentOf(view(), own))
    const { fromId: _, ...bare } = own
    expect(momentOf(view(), bare)).toBe(momentOf(view(), own))
  })
})
