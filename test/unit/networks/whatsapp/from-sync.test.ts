import { proto } from '@whiskeysockets/baileys'
import type { BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { changeOf } from '../../../../src/networks/whatsapp/from-sync.ts'
import type { PhoneChange } from '../../../../src/networks/whatsapp/from-sync.ts'
import { patchesIn } from '../../../../src/networks/whatsapp/sync-patches.ts'
import { SyncKey } from '../../../sim/whatsapp/world/sync-key.ts'

const CHAT = '4915212345678@s.whatsapp.net'
const GROUP = '1203630@g.us'

describe('what the owner did on their phone', () => {
  const settings = (changed: Extract<PhoneChange, { kind: 'settings' }>['settings']): PhoneChange => ({
    kind: 'settings',
    jid: CHAT,
    settings: changed,
  })
  const rows: [
    what: string,
    index: string[],
    value: proto.ISyncActionValue,
    change: PhoneChange | undefined,
  ][] = [
    [
      'mute',
      ['mute', CHAT],
      { muteAction: { muted: true, muteEndTimestamp: -1 } },
      settings({ mute: 'forever' }),
    ],
    [
      'mute for a while',
      ['mute', CHAT],
      { muteAction: { muted: true, muteEndTimestamp: 5 } },
      settings({ mute: { untilMs: 5 } }),
    ],
    ['mute without an end', ['mute', CHAT], { muteAction: { muted: true } }, settings({ mute: 'forever' })],
    ['unmute', ['mute', CHAT], { muteAction: { muted: false } }, settings({ mute: 'off' })],
    ['archive', ['archive', CHAT], { archiveChatAction: { archived: true } }, settings({ archived: true })],
    ['lock', ['lock', CHAT], { lockChatAction: { locked: true } }, settings({ archived: true })],
    ['pin', ['pin_v1', CHAT], { pinAction: { pinned: true } }, settings({ favourite: true })],
    [
      'unread',
      ['markChatAsRead', CHAT],
      { markChatAsReadAction: { read: false } },
      settings({ unread: true }),
    ],
    ['read', ['markChatAsRead', CHAT], { markChatAsReadAction: { read: true } }, settings({ unread: false })],
    [
      'a name',
      ['contact', CHAT],
      { contactAction: { fullName: 'Ann B', lidJid: '9@lid' } },
      { kind: 'contact', jid: CHAT, name: 'Ann B', lid: '9@lid' },
    ],
    [
      'a first name',
      ['contact', CHAT],
      { contactAction: { firstName: 'Ann' } },
      { kind: 'contact', jid: CHAT, name: 'Ann' },
    ],
    ['no name', ['contact', CHAT], { contactAction: {} }, { kind: 'contact', jid: CHAT, name: '' }],
    [
      'mine, deleted for me',
      ['deleteMessageForMe', CHAT, 'A', '1', '0'],
      { deleteMessageForMeAction: {} },
      { kind: 'forgotten', jid: CHAT, id: 'A', fromMe: true },
    ],
    [
      'theirs, deleted for me',
      ['deleteMessageForMe', GROUP, 'A', '0', '9@lid'],
      { deleteMessageForMeAction: {} },
      { kind: 'forgotten', jid: GROUP, id: 'A', fromMe: false, participant: '9@lid' },
    ],
    ['cleared', ['clearChat', CHAT, '1', '0'], { clearChatAction: {} }, { kind: 'cleared', jid: CHAT }],
    ['deleted', ['deleteChat', CHAT, '1'], { deleteChatAction: {} }, { kind: 'deleted', jid: CHAT }],
    ['a star', ['star', CHAT, 'A', '1', '0'], { starAction: { starred: true } }, undefined],
    ['a setting of the app', ['setting_locale'], { localeSetting: { locale: 'de' } }, undefined],
    ['nothing', [], {}, undefined],
  ]
  test.each(rows)('%s', (_, index, value, change) => {
    expect(changeOf({ index, value, removed: false })).toEqual(change)
  })

  test('what is taken away is as if it had never been', () => {
    const gone = (index: string[], value: proto.ISyncActionValue) => changeOf({ index, value, removed: true })
    expect(gone(['contact', CHAT], { contactAction: { fullName: 'Ann' } })).toMatchObject({ name: '' })
    expect(gone(['mute', CHAT], { muteAction: { muted: true } })).toEqual(settings({ mute: 'off' }))
    expect(gone(['archive', CHAT], {})).toEqual(settings({ archived: false }))
    expect(gone(['deleteChat', CHAT, '1'], {})).toBeUndefined()
  })
})

describe('patches of app state', () => {
  const key = new SyncKey()
  const keyOf = (id: string) => (id === key.id.toString('base64') ? key.data : undefined)

  function patch(index: string[], operation: 'set' | 'remove', blobOf = (blob: Buffer) => blob): Uint8Array {
    const plain = proto.SyncActionData.encode({
      index: Buffer.from(JSON.stringify(index)),
      value: { timestamp: 1 },
      padding: Buffer.alloc(0),
      version: 2,
    }).finish()
    const n = operation === 'set' ? 1 : 2
    const { SET, REMOVE } = proto.SyncdMutation.SyncdOperation
    const record = { value: { blob: blobOf(key.seal(n, plain).blob) }, keyId: { id: key.id } }
    const mutation = { operation: operation === 'set' ? SET : REMOVE, record }
    return proto.SyncdPatch.encode({ mutations: [mutation], version: { version: 7 } }).finish()
  }

  const answer = (patches: Uint8Array[]): BinaryNode => ({
    tag: 'iq',
    attrs: { type: 'result' },
    content: [
      {
        tag: 'sync',
        attrs: {},
        content: [
          {
            tag: 'collection',
            attrs: { name: 'regular_low', version: '9' },
            content: [
              {
                tag: 'patches',
                attrs: {},
                content: patches.map((content) => ({ tag: 'patch', attrs: {}, content })),
              },
            ],
          },
        ],
      },
    ],
  })

  test('are opened, with their version, and whether something was taken away', () => {
    const made = patchesIn(
      answer([patch(['pin_v1', CHAT], 'set'), patch(['contact', CHAT], 'remove')]),
      keyOf,
    )
    expect(
      made.map(({ collection, version, mutations }) => [
        collection,
        version,
        ...mutations.map(({ index, removed }) => [index[0], removed]),
      ]),
    ).toEqual([
      ['regular_low', 7, ['pin_v1', false]],
      ['regular_low', 7, ['contact', true]],
    ])
  })

  test('are left to Baileys without their key', () => {
    expect(patchesIn(answer([patch(['pin_v1', CHAT], 'set')]), () => undefined)).toEqual([])
  })

  test('hurt nobody when a value in them is spoilt, or when it is something else that came', () => {
    const spoilt = patch(['pin_v1', CHAT], 'set', (blob) => Buffer.alloc(blob.length))
    const short = patch(['pin_v1', CHAT], 'set', () => Buffer.alloc(3))
    expect(patchesIn(answer([spoilt, short]), keyOf).flatMap(({ mutations }) => mutations)).toEqual([])
    expect(patchesIn({ tag: 'iq', attrs: { type: 'result' } }, keyOf)).toEqual([])
    expect(patchesIn({ tag: 'message', attrs: {} }, keyOf)).toEqual([])
  })
})
