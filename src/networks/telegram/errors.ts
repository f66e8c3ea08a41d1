import type { ErrorCode } from '../../model/errors.ts'
import type { LoginState } from '../../model/login.ts'
import { rejected, retry, unknown } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { Refused } from './rpc.ts'

/** What has to be done before the same call is made again, under the same random id. */
export type Again =
  /** Upload the bytes again. */
  | 'upload'
  /** Upload it, or send it, as a document. */
  | 'as-document'
  /** Ask for the message that it comes from, for a new file reference. */
  | 'reference'
  /** Wait a moment: the first attempt is still at work. */
  | 'duplicate'
  /** Leave out what the message answers, or what it quotes of that. */
  | 'without-reply'
  | 'without-quote'
  /** Leave out the formats. */
  | 'without-entities'
  /** Leave out the voters' names. */
  | 'anonymous'
  /** The peer's access hash is no good: look the peer up again. */
  | 'peer'

/** What an error of a call means. */
export type Verdict =
  /** It is as it was asked for, or was before. */
  | { kind: 'done' }
  | { kind: 'again'; after: Again }
  | { kind: 'rejected'; code: ErrorCode; why: string }
  /** `scope`: whom the wait is for. `chat`: only this conversation. */
  | { kind: 'wait'; afterMs: number; scope: 'account' | 'chat'; why: string }
  | { kind: 'login'; state: LoginState; why: string }
  /** Nobody knows what became of it; a repeat under the same random id is safe. */
  | { kind: 'unknown'; why: string }

const done: Verdict = { kind: 'done' }
const again = (after: Again): Verdict => ({ kind: 'again', after })
const no = (why: string, code: ErrorCode = 'network_refused'): Verdict => ({ kind: 'rejected', code, why })
const denied = (why: string): Verdict => no(why, 'not_permitted')
const out = (why: string): Verdict => no(why, 'not_a_member')
const login = (state: LoginState, why: string): Verdict => ({ kind: 'login', state, why })

const ADMINS = 'Only administrators may do this in this chat.'
const NO_SUCH_MESSAGE = 'The message is not there any more on Telegram.'
const NOT_THERE = 'Your Telegram account is not in this chat.'
const GONE_ACCOUNT = 'This account was deleted.'
const PRIVACY = 'The privacy settings of this person do not allow it.'
const BLOCKED = 'This person does not take messages from you.'
const kindDenied = (what: string): Verdict => denied(`The chat does not allow ${what}.`)

/** Errors by their name, numbers left out (core.telegram.org/api/errors and the documents of the methods). */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  // The account.
  AUTH_KEY_UNREGISTERED: login('logged_out', 'Telegram has ended this login. Log in again.'),
  AUTH_KEY_INVALID: login('logged_out', 'Telegram has ended this login. Log in again.'),
  AUTH_KEY_DUPLICATED: login(
    'logged_out',
    'This login was used in two places at once, and Telegram ended it. Log in again.',
  ),
  AUTH_KEY_PERM_EMPTY: login('logged_out', 'Telegram has ended this login. Log in again.'),
  SESSION_REVOKED: login('logged_out', 'The login was ended from another device. Log in again.'),
  SESSION_EXPIRED: login('logged_out', 'The login has expired. Log in again.'),
  USER_DEACTIVATED: login('bad_credentials', 'This Telegram account was deleted.'),
  USER_DEACTIVATED_BAN: login('blocked', 'Telegram has banned this account.'),
  SESSION_PASSWORD_NEEDED: login('bad_credentials', 'Telegram asks for the password. Log in again.'),
  USER_RESTRICTED: denied('Telegram has restricted your account. Ask @SpamBot why.'),
  PEER_FLOOD: denied(
    'Telegram has limited your account because of too many messages to strangers. Ask @SpamBot for how long.',
  ),
  PREMIUM_ACCOUNT_REQUIRED: denied('This needs Telegram Premium.'),
  FROZEN_METHOD_INVALID: login('blocked', 'Telegram has frozen this account.'),
  FROZEN_PARTICIPANT_MISSING: login('blocked', 'Telegram has frozen this account.'),

  // The conversation.
  CHAT_WRITE_FORBIDDEN: denied('You may not write in this chat.'),
  CHAT_RESTRICTED: denied('You may not write in this chat.'),
  CHAT_GUEST_SEND_FORBIDDEN: out('Only members may write in this chat. Join it first.'),
  CHAT_ADMIN_REQUIRED: denied(ADMINS),
  CHAT_ADMIN_INVITE_REQUIRED: denied('You may not add anybody to this chat.'),
  RIGHT_FORBIDDEN: denied('You have not all the rights that this needs.'),
  USER_BANNED_IN_CHANNEL: denied(
    'Telegram does not let you write in groups at the moment. Ask @SpamBot why.',
  ),
  CHAT_FORBIDDEN: out(NOT_THERE),
  CHANNEL_PRIVATE: out(NOT_THERE),
  CHANNEL_PUBLIC_GROUP_NA: out(NOT_THERE),
  USER_NOT_PARTICIPANT: out('This person is not in the chat.'),
  USER_KICKED: denied('This person was banned from the chat.'),
  PEER_ID_INVALID: again('peer'),
  CHANNEL_INVALID: again('peer'),
  USER_ID_INVALID: again('peer'),
  CHAT_ID_INVALID: out('Telegram does not know this chat.'),
  CHAT_INVALID: out('Telegram does not know this chat.'),
  CHAT_DEACTIVATED: out('This group was closed.'),
  INPUT_USER_DEACTIVATED: no(GONE_ACCOUNT),
  USER_IS_BLOCKED: denied(BLOCKED),
  USER_BLOCKED: denied(BLOCKED),
  YOU_BLOCKED_USER: denied('You have blocked this person on Telegram.'),
  USER_PRIVACY_RESTRICTED: denied(PRIVACY),
  PRIVACY_PREMIUM_REQUIRED: denied('This person takes messages of strangers only with Telegram Premium.'),
  ALLOW_PAYMENT_REQUIRED: denied('This person takes messages of strangers only for stars.'),
  PAYMENT_REQUIRED: denied('Messages in this chat cost stars.'),
  BALANCE_TOO_LOW: denied('Your account has not enough stars for this.'),
  USER_IS_BOT: denied('Bots cannot write to other bots.'),
  USER_BOT: denied('A bot can only be made an administrator of a channel.'),
  BOT_GROUPS_BLOCKED: denied('This bot does not go into groups.'),
  BOT_METHOD_INVALID: denied('This is not possible for bots.'),
  BOT_ONESIDE_NOT_AVAIL: denied('Bots can only pin for both sides.'),
  TOPIC_CLOSED: denied('The topic is closed.'),
  TOPIC_DELETED: no('The topic was deleted.'),
  TOPIC_ID_INVALID: no('The topic is not there any more.'),
  CHAT_FORWARDS_RESTRICTED: denied('The chat does not allow forwarding.'),
  CHAT_SEND_AUDIOS_FORBIDDEN: kindDenied('music'),
  CHAT_SEND_DOCS_FORBIDDEN: kindDenied('files'),
  CHAT_SEND_GAME_FORBIDDEN: kindDenied('games'),
  CHAT_SEND_GIFS_FORBIDDEN: kindDenied('GIFs'),
  CHAT_SEND_INLINE_FORBIDDEN: kindDenied('this'),
  CHAT_SEND_MEDIA_FORBIDDEN: kindDenied('attachments'),
  CHAT_SEND_PHOTOS_FORBIDDEN: kindDenied('photos'),
  CHAT_SEND_PLAIN_FORBIDDEN: kindDenied('text'),
  CHAT_SEND_POLL_FORBIDDEN: kindDenied('polls'),
  CHAT_SEND_ROUNDVIDEOS_FORBIDDEN: kindDenied('video messages'),
  CHAT_SEND_STICKERS_FORBIDDEN: kindDenied('stickers'),
  CHAT_SEND_VIDEOS_FORBIDDEN: kindDenied('videos'),
  CHAT_SEND_VOICES_FORBIDDEN: kindDenied('voice messages'),
  CHAT_SEND_WEBPAGE_FORBIDDEN: kindDenied('links'),
  VOICE_MESSAGES_FORBIDDEN: denied('This person takes no voice or video messages.'),

  // The message.
  MESSAGE_NOT_MODIFIED: done,
  CHAT_NOT_MODIFIED: done,
  CHAT_ABOUT_NOT_MODIFIED: done,
  TOPIC_NOT_MODIFIED: done,
  USER_ALREADY_PARTICIPANT: done,
  MESSAGE_EMPTY: no('There is nothing in it that Telegram could show.', 'unsupported'),
  MESSAGE_TOO_LONG: no('The message is too long for Telegram.', 'too_large'),
  MEDIA_CAPTION_TOO_LONG: no('The caption is too long for Telegram.', 'too_large'),
  ENTITY_BOUNDS_INVALID: again('without-entities'),
  ENTITIES_TOO_LONG: again('without-entities'),
  ENTITY_MENTION_USER_INVALID: again('without-entities'),
  MESSAGE_ID_INVALID: no(NO_SUCH_MESSAGE),
  MSG_ID_INVALID: no(NO_SUCH_MESSAGE),
  MESSAGE_IDS_EMPTY: done,
  MESSAGE_AUTHOR_REQUIRED: denied('Only its author can change a message.'),
  MESSAGE_EDIT_TIME_EXPIRED: no('The message is too old to be edited on Telegram.', 'too_old'),
  MESSAGE_DELETE_FORBIDDEN: denied('You may not delete this message on Telegram.'),
  REPLY_MESSAGE_ID_INVALID: again('without-reply'),
  REPLY_TO_INVALID: again('without-reply'),
  REPLY_TO_MONOFORUM_PEER_INVALID: again('without-reply'),
  QUOTE_TEXT_INVALID: again('without-quote'),
  RANDOM_ID_DUPLICATE: again('duplicate'),
  MSG_WAIT_FAILED: { kind: 'unknown', why: 'An earlier message of the chat did not get through.' },
  PIN_RESTRICTED: denied('You may not pin messages in this chat.'),
  SCHEDULE_TOO_MUCH: no('There are too many scheduled messages in this chat.'),

  // Attachments.
  FILE_PART_MISSING: again('upload'),
  FILE_PARTS_INVALID: again('upload'),
  FILE_PART_EMPTY: again('upload'),
  FILE_PART_INVALID: again('upload'),
  FILE_PART_LENGTH_INVALID: again('upload'),
  FILE_PART_SIZE_INVALID: again('upload'),
  FILE_ID_INVALID: again('upload'),
  MD5_CHECKSUM_INVALID: again('upload'),
  FILE_REFERENCE_EXPIRED: again('reference'),
  FILE_REFERENCE_EMPTY: again('reference'),
  FILE_REFERENCE_INVALID: again('reference'),
  FILE_PART_TOO_BIG: no('The file is larger than Telegram accepts.', 'too_large'),
  FILE_TOO_BIG: no('The file is larger than Telegram accepts.', 'too_large'),
  MEDIA_EMPTY: again('upload'),
  MEDIA_INVALID: no('Telegram does not accept this file.'),
  MEDIA_NEW_INVALID: no('Telegram does not accept this file in place of the other.'),
  MEDIA_PREV_INVALID: no('Telegram does not let the file of this message be changed.'),
  MEDIA_GROUPED_INVALID: no('Telegram does not let a file of an album become one of another kind.'),
  PHOTO_INVALID: again('as-document'),
  PHOTO_INVALID_DIMENSIONS: again('as-document'),
  PHOTO_EXT_INVALID: again('as-document'),
  PHOTO_SAVE_FILE_INVALID: again('as-document'),
  IMAGE_PROCESS_FAILED: again('as-document'),
  VIDEO_CONTENT_TYPE_INVALID: again('as-document'),
  PHOTO_CROP_SIZE_SMALL: no('The picture is too small for Telegram.'),

  // Reactions and polls.
  REACTION_INVALID: denied('This reaction is not allowed in this chat.'),
  REACTION_EMPTY: done,
  REACTIONS_TOO_MANY: denied('There are as many different reactions on this message as Telegram takes.'),
  MESSAGE_POLL_CLOSED: no('The poll is closed.'),
  POLL_VOTE_REQUIRED: denied('Only those who have voted can see the votes.'),
  BROADCAST_FORBIDDEN: denied('In channels nobody sees who voted or reacted.'),
  OPTION_INVALID: no('The poll does not have this answer on Telegram.'),
  OPTIONS_TOO_MUCH: no('The poll takes one answer.'),
  REVOTE_NOT_ALLOWED: no('In this poll a vote cannot be changed.'),
  BROADCAST_PUBLIC_VOTERS_FORBIDDEN: again('anonymous'),
  POLL_ANSWERS_INVALID: no('Telegram does not take so many answers.'),
  POLL_ANSWER_INVALID: no('Telegram does not take one of the answers.'),
  POLL_OPTION_DUPLICATE: no('Telegram does not take the same answer twice.'),
  POLL_QUESTION_INVALID: no('Telegram does not take the question.'),
  POLL_UNSUPPORTED: no('Telegram does not take polls here.'),

  // Members.
  USER_NOT_MUTUAL_CONTACT: denied('Only people who have you as a contact can be added.'),
  USER_CHANNELS_TOO_MUCH: no('This person is in too many groups.'),
  CHANNELS_TOO_MUCH: no('Your account is in too many groups.'),
  USERS_TOO_MUCH: no('The group has as many members as Telegram takes.'),
  USERS_TOO_FEW: no('The group would have too few members.'),
  BOTS_TOO_MUCH: no('There are too many bots in the group.'),
  ADMINS_TOO_MUCH: no('There are too many administrators in the group.'),
  USER_CREATOR: denied('The owner of a group cannot leave it or be changed.'),
  USER_ADMIN_INVALID: denied('You may not do this to an administrator.'),
  PARTICIPANT_ID_INVALID: out('This person is not in the chat.'),
  FRESH_CHANGE_ADMINS_FORBIDDEN: denied(
    'This login is too new to change administrators. Try again tomorrow.',
  ),
  INVITE_REQUEST_SENT: done,
  INVITE_HASH_EXPIRED: no('The invitation is not valid any more.'),
  INVITE_HASH_INVALID: no('There is no such invitation.'),
  USERNAME_INVALID: no('This is no user name of Telegram.'),
  USERNAME_NOT_OCCUPIED: no('Nobody on Telegram has this user name.'),
  PHONE_NOT_OCCUPIED: no('Nobody on Telegram has this phone number.'),
  CHAT_TITLE_EMPTY: no('A conversation on Telegram always has a name.'),
  CHAT_ABOUT_TOO_LONG: no('The description is too long for Telegram.', 'too_large'),
}

/** Waits that the server asks for; of the account, unless they name one conversation. */
const WAITS: Readonly<Record<string, { scope: 'account' | 'chat'; why: string }>> = {
  FLOOD_WAIT: { scope: 'account', why: 'Telegram asks your account to wait.' },
  FLOOD_PREMIUM_WAIT: { scope: 'account', why: 'Telegram asks accounts without Premium to wait.' },
  FLOOD_TEST_PHONE_WAIT: { scope: 'account', why: 'Telegram asks your account to wait.' },
  SLOWMODE_WAIT: { scope: 'chat', why: 'The chat is in slow mode.' },
}

const LEAST_WAIT_MS = 1_000

/** The name of an error without its numbers: `FILE_PART_MISSING`, of `FILE_PART_3_MISSING`. */
export const errorName = (text: string): string => text.replace(/_(?:%[a-z]|\d+)(?=_|$)/g, '')

/** What an error of the server means for what was asked. Total: an error that is not known is a refusal in its own words. */
export function verdictOf({ code, text, seconds }: Refused): Verdict {
  const name = errorName(text)
  const wait = Object.hasOwn(WAITS, name) ? WAITS[name] : undefined
  if (wait !== undefined)
    return { kind: 'wait', afterMs: Math.max(LEAST_WAIT_MS, (seconds ?? 1) * 1000), ...wait }
  if (code === 420) {
    const afterMs = Math.max(LEAST_WAIT_MS, (seconds ?? 30) * 1000)
    return { kind: 'wait', afterMs, scope: 'account', why: 'Telegram asks your account to wait.' }
  }
  const known = Object.hasOwn(VERDICTS, name) ? VERDICTS[name] : undefined
  if (known !== undefined) return known
  // What went wrong on the server's side may have gone through all the same.
  if (code >= 500 || code < 0) return { kind: 'unknown', why: `Telegram has trouble (${name}).` }
  if (code === 401) return login('logged_out', `Telegram has ended this login (${name}). Log in again.`)
  return no(`Telegram refused it: ${name}.`)
}

/**
 * The outcome for the ledger. What can be repeated under the same random id is a `retry`, also where nobody knows what
 * became of it: the server drops a repeat. `repeatable` is false for calls without such an id that must not happen twice.
 */
export function outcomeOf(
  verdict: Verdict,
  options: { repeatable: boolean } = { repeatable: true },
): SendOutcome {
  switch (verdict.kind) {
    case 'done':
      return { kind: 'delivered', remoteIds: [] }
    case 'again':
      return retry('Telegram asks for it to be sent again.', { afterMs: LEAST_WAIT_MS })
    case 'rejected':
      return rejected(verdict.code, verdict.why)
    case 'wait':
      return retry(verdict.why, { afterMs: verdict.afterMs })
    case 'login':
      return retry(verdict.why, { waitsFor: 'login' })
    case 'unknown':
      return options.repeatable ? retry(verdict.why, { afterMs: LEAST_WAIT_MS }) : unknown(verdict.why)
  }
}
