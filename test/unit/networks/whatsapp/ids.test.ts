import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deliveryId, remoteChatId, remoteMessageId, remoteUserId } from '../../../../src/model/ids.ts'
import {
  aliasLocalpart,
  derivedId,
  ghostLocalpart,
  isDirect,
  parseAliasLocalpart,
  parseGhostLocalpart,
  parseMessageId,
  phoneOf,
  toChatId,
  toMessageId,
  toUserId,
} from '../../../../src/networks/whatsapp/ids.ts'
import { messageIdFor } from '../../../../src/networks/whatsapp/message-id.ts'

const digits = fc.bigInt({ min: 1n, max: 10n ** 15n }).map(String)

describe('addresses', () => {
  test.each([
    ['15550001@s.whatsapp.net', '15550001@s.whatsapp.net'],
    ['15550001:7@s.whatsapp.net', '15550001@s.whatsapp.net'],
    ['15550001_1:7@s.whatsapp.net', '15550001@s.whatsapp.net'],
    ['15550001@c.us', '15550001@s.whatsapp.net'],
    ['15550001:99@hosted', '15550001@s.whatsapp.net'],
    ['9111:12@lid', '9111@lid'],
    ['9111:99@hosted.lid', '9111@lid'],
    ['120363@newsletter', '120363@newsletter'],
    ['13135550002@bot', '13135550002@bot'],
  ])('%s is the person %s', (jid, id) => {
    expect(toUserId(jid)).toBe(id)
  })

  test.each([
    '120363@g.us',
    'status@broadcast',
    '0@s.whatsapp.net',
    's.whatsapp.net',
    '@s.whatsapp.net',
    'abc@s.whatsapp.net',
    '1/2@lid',
    '1@constructor',
    '',
    undefined,
    null,
  ])('%s is nobody', (jid) => {
    expect(toUserId(jid)).toBeUndefined()
  })

  test.each([
    ['120363-15@g.us', '120363-15@g.us', false],
    ['status@broadcast', 'status@broadcast', false],
    ['77@broadcast', '77@broadcast', false],
    ['9111:3@lid', '9111@lid', true],
  ])('%s is the conversation %s', (jid, id, direct) => {
    const chat = toChatId(jid)
    expect(chat).toBe(id)
    expect(isDirect(chat ?? '')).toBe(direct)
  })

  test('only a number is a phone', () => {
    expect(phoneOf(remoteUserId('15550001@s.whatsapp.net'))).toBe('+15550001')
    expect(phoneOf(remoteUserId('9111@lid'))).toBeUndefined()
  })
})

describe('ghosts and aliases', () => {
  test.each([
    ['15550001@s.whatsapp.net', '15550001'],
    ['9111@lid', 'lid-9111'],
    ['5@newsletter', 'channel-5'],
    ['6@bot', 'bot-6'],
  ])('%s is the ghost %s', (user, localpart) => {
    expect(ghostLocalpart(remoteUserId(user))).toBe(localpart)
    expect(parseGhostLocalpart(localpart)).toBe(user)
  })

  test('what is nobody has no ghost', () => {
    expect(() => ghostLocalpart(remoteUserId('5@g.us'))).toThrow('not a WhatsApp user id')
    for (const localpart of ['lid-', 'x1', '', '1x', 'group-5'])
      expect(parseGhostLocalpart(localpart)).toBeUndefined()
  })

  test.each([
    '120363-15@g.us',
    '5@broadcast',
    'status@broadcast',
    '9111@lid',
    '15550001@s.whatsapp.net',
    '8@newsletter',
  ])('the alias of %s leads back', (chat) => {
    expect(parseAliasLocalpart(aliasLocalpart(remoteChatId(chat)))).toBe(chat)
  })

  test('no two people have one ghost', () => {
    fc.assert(
      fc.property(digits, fc.constantFrom('s.whatsapp.net', 'lid', 'bot', 'newsletter'), (user, server) => {
        const id = remoteUserId(`${user}@${server}`)
        expect(parseGhostLocalpart(ghostLocalpart(id))).toBe(id)
      }),
    )
  })
})

describe('messages', () => {
  test('an id leads back to author and number, also with what happened to it', () => {
    const by = remoteUserId('9111@lid')
    const id = toMessageId({ by, id: '3EB0AA' })
    expect(id).toBe('9111@lid/3EB0AA')
    expect(parseMessageId(id)).toEqual({ by, id: '3EB0AA' })
    expect(parseMessageId(derivedId(id, 'edit'))).toEqual({ by, id: '3EB0AA' })
    expect(parseMessageId(toMessageId({ by: 'them', id: 'X' }))).toEqual({ by: 'them', id: 'X' })
    expect(parseMessageId(remoteMessageId('somebody/X'))).toBeUndefined()
  })

  test('nobody can choose an id that is another message’s or what happened to it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (own) => {
        const id = toMessageId({ by: 'them', id: own })
        expect(id.split('/')).toHaveLength(2)
        expect(parseMessageId(id)?.by).toBe('them')
      }),
    )
  })

  test('an id looks like WhatsApp Web’s, is the same each time and another for everything else', () => {
    const part = {
      account: remoteUserId('1@lid'),
      chat: remoteChatId('2@lid'),
      delivery: deliveryId(7),
      at: new Date(1_000),
      part: 0,
    }
    const id = messageIdFor(part)
    expect(id).toMatch(/^3EB0[0-9A-F]{18}$/)
    expect(messageIdFor({ ...part })).toBe(id)
    const others = [
      messageIdFor({ ...part, part: 1 }),
      messageIdFor({ ...part, delivery: deliveryId(8) }),
      messageIdFor({ ...part, at: new Date(2_000) }),
      messageIdFor({ ...part, chat: remoteChatId('3@lid') }),
      messageIdFor({ ...part, account: remoteUserId('4@lid') }),
    ]
    expect(new Set([id, ...others]).size).toBe(6)
  })
})
