import { expect, test } from 'vitest'
import { fromHistory } from '../../../../src/networks/whatsapp/from-history.ts'
import { optionId } from '../../../../src/networks/whatsapp/from-poll.ts'
import { bob, bobLid, cem, direct, inGroup, myLid, now, view, waMessage } from './setup.ts'

test('reactions and votes that come with a message of the history', () => {
  const message = waMessage({ conversation: 'x' }, inGroup, {
    reactions: [
      { key: { participant: bob, fromMe: false, id: 'R' }, text: '❤', senderTimestampMs: 1_700_000_001_000 },
      { key: { fromMe: true, id: 'S' }, text: '👍' },
      { key: { participant: cem, fromMe: false, id: 'T' }, text: '' },
      { text: '👍' },
    ],
    pollUpdates: [
      {
        pollUpdateMessageKey: { participant: bob, fromMe: false, id: 'V' },
        vote: { selectedOptions: [Buffer.from(optionId('a'), 'hex')] },
      },
    ],
  })
  const target = `${cem}/A1`
  expect(fromHistory(message, view, now)).toMatchObject([
    { kind: 'reaction', target, key: '❤️', sender: { id: bobLid }, at: new Date(1_700_000_001_000) },
    { kind: 'reaction', target, key: '👍', sender: { id: myLid, self: 1 }, at: new Date(1_700_000_000_000) },
    { kind: 'poll-vote', target, sender: { id: bobLid }, optionIds: [optionId('a')] },
  ])
})

test('in a direct chat a reaction is by one of the two', () => {
  const reactions = [{ key: { fromMe: false, id: 'R' }, text: '👍' }]
  const message = waMessage({ conversation: 'x' }, { ...direct, fromMe: true }, { reactions })
  expect(fromHistory(message, view, now)).toMatchObject([
    { kind: 'reaction', target: 'me/A1', sender: { id: bobLid, contactName: 'Bobby' } },
  ])
})
