import { expect, test } from 'vitest'
import { loginId, remoteChatId } from '../../../../src/model/ids.ts'
import type { RemoteChat, RemoteHint } from '../../../../src/model/remote-event.ts'
import { messageIdIn, personId } from '../../../../src/networks/telegram/ids.ts'
import { passHints } from '../../../../src/networks/telegram/read-mark.ts'
import type { Session } from '../../../../src/networks/telegram/session.ts'
import { FakeHost } from '../irc/fake-host.ts'

const ACCOUNT = 7
const group: RemoteChat = { network: 'telegram', id: remoteChatId('channel:5'), type: 'group' }
const direct: RemoteChat = {
  network: 'telegram',
  id: remoteChatId('user:9'),
  type: 'dm',
  receiver: loginId(1),
}

const idIn = (chat: RemoteChat, n: number) =>
  messageIdIn({ kind: chat === direct ? 'user' : 'channel' }, ACCOUNT, n)

/** A mark up to `n` where the bridge has some messages. */
async function marked(chat: RemoteChat, n: number, has: number[]): Promise<unknown> {
  const host = new FakeHost()
  for (const each of has) host.known_.add(idIn(chat, each))
  const newest = has.at(-1)
  host.newestAt = newest === undefined ? undefined : { id: idIn(chat, newest), at: new Date(0) }
  const hint: RemoteHint = { kind: 'read', chat, user: { id: personId(9) }, upTo: idIn(chat, n) }
  passHints({ host, account: ACCOUNT } as unknown as Session, [hint])
  await host.until(() => host.hints.length === 1, 'the mark')
  const [passed] = host.hints
  if (passed?.kind !== 'read') return undefined
  // The core looks for the message itself first.
  expect(passed.upTo).toBe(idIn(chat, n))
  return passed.orElse
}

test.each<[string, number, number[], number | undefined]>([
  ['one that the bridge has', 4, [3, 4, 6], undefined],
  ['one that the bridge has not, after all that it has', 8, [3, 4, 6], 6],
  ['one that the bridge has not, before others', 5, [3, 4, 6], undefined],
  ['one where the bridge has none', 5, [], undefined],
])('a mark up to %s', async (_, n, has, expected) => {
  for (const chat of [group, direct])
    expect(await marked(chat, n, has)).toBe(expected && idIn(chat, expected))
})

test('what is no mark is passed on as it is', () => {
  const host = new FakeHost()
  const typing: RemoteHint = { kind: 'typing', chat: group, user: { id: personId(9) }, typing: true }
  passHints({ host, account: ACCOUNT } as unknown as Session, [typing])
  expect(host.hints).toEqual([typing])
})
