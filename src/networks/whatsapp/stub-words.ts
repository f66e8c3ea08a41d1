import { WAMessageStubType as Stub } from '@whiskeysockets/baileys'
import type { proto } from '@whiskeysockets/baileys'
import { cleanName } from './names.ts'

type Sentence = (who: string, first: string) => string

/** What is worth a sentence in the room and changes nothing there. */
const SENTENCES = new Map<proto.WebMessageInfo.StubType, Sentence>([
  [Stub.GROUP_CHANGE_INVITE_LINK, (who) => `${who} changed the invitation link`],
  [Stub.GROUP_DELETE, () => 'The group was deleted'],
  [Stub.GROUP_DEACTIVATED, () => 'The group was closed'],
  [Stub.GROUP_V4_ADD_INVITE_SENT, (who) => `${who} sent an invitation to the group`],
  [
    Stub.GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE,
    (_, first) =>
      first === 'on'
        ? 'Administrators have to let new members in'
        : 'New members can join without being let in by an administrator',
  ],
  [Stub.E2E_IDENTITY_CHANGED, (who) => `The security code with ${who} changed`],
  [Stub.E2E_DEVICE_CHANGED, (who) => `The devices of ${who} changed`],
  [
    Stub.COMMUNITY_LINK_PARENT_GROUP,
    (_, first) => communityWords('The group became a part of a community', first),
  ],
  [
    Stub.COMMUNITY_LINK_PARENT_GROUP_RICH,
    (_, first) => communityWords('The group became a part of a community', first),
  ],
  [Stub.COMMUNITY_UNLINK_PARENT_GROUP, (_, first) => communityWords('The group left a community', first)],
  [Stub.COMMUNITY_PARENT_GROUP_DELETED, () => 'The community was closed'],
  [Stub.COMMUNITY_CREATE, (who) => `${who} created the community`],
  [Stub.BIZ_NAME_CHANGE, (_, first) => `The business is called ${cleanName(first) || 'otherwise'} now`],
  [Stub.BIZ_MOVE_TO_CONSUMER_APP, () => 'The business became a private account'],
  [Stub.BROADCAST_CREATE, () => 'A broadcast list was made'],
  [
    Stub.BLOCK_CONTACT,
    (_, first) => (first === 'false' ? 'The contact is not blocked any more' : 'The contact was blocked'),
  ],
  [Stub.SCHEDULED_CALL_START_MESSAGE, () => 'A planned call begins. Open WhatsApp to join.'],
  [Stub.SCHEDULED_CALL_CANCEL, () => 'A planned call was cancelled'],
  [Stub.LINKED_GROUP_CALL_START, () => 'A call has begun. Open WhatsApp to join.'],
  [Stub.EVENT_UPDATED, () => 'An event was changed. Open WhatsApp to see it.'],
  [Stub.EVENT_CANCELED, () => 'An event was cancelled'],
  [Stub.PINNED_MESSAGE_IN_CHAT, (who) => `${who} pinned a message`],
  [Stub.CHANGE_USERNAME, (who, first) => `${who} is called @${cleanName(first)} now`],
  [Stub.PAYMENT_TRANSACTION_STATUS_UPDATE_FAILED, () => 'A payment failed. Open WhatsApp to see it.'],
  [Stub.PAYMENT_TRANSACTION_STATUS_UPDATE_REFUNDED, () => 'A payment was refunded. Open WhatsApp to see it.'],
  [
    Stub.PAYMENT_ACTION_REQUEST_DECLINED,
    () => 'A request for a payment was declined. Open WhatsApp to see it.',
  ],
  [
    Stub.PAYMENT_ACTION_REQUEST_EXPIRED,
    () => 'A request for a payment has expired. Open WhatsApp to see it.',
  ],
])

const communityWords = (words: string, name: string): string =>
  cleanName(name) === '' || /@/.test(name) ? words : `${words}: ${cleanName(name)}`

/** A sentence for what happened; undefined for what says nothing to people, such as how a business is hosted. */
export function stubWords(
  type: proto.WebMessageInfo.StubType | null | undefined,
  parameters: readonly string[],
  who: string,
): string | undefined {
  if (type === null || type === undefined) return undefined
  return SENTENCES.get(type)?.(who, parameters[0] ?? '')
}
