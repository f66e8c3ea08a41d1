import type { tl } from '@mtcute/core'
import { nameOf, namesOf } from './names.ts'
import { senderOfPeer } from './peer.ts'
import { duration, moment } from './times.ts'
import type { View } from './view.ts'

type Action = tl.TypeMessageAction

const peerName = (view: View, peer: tl.TypePeer | undefined): string => {
  const sender = peer === undefined ? undefined : senderOfPeer(peer)
  return sender === undefined ? 'somebody' : nameOf(view, sender)
}

/**
 * A sentence for what happened, where that is no change of the room itself. `who` is who did it. Undefined for actions
 * that are told in another way or that say nothing.
 */
export function wordsOf(action: Action, who: string, view: View): string | undefined {
  switch (action._) {
    case 'messageActionChatCreate':
    case 'messageActionChannelCreate':
      return `${who} created “${action.title}”`
    case 'messageActionChannelMigrateFrom':
      return 'The group became a supergroup'
    case 'messageActionScreenshotTaken':
      return `${who} took a screenshot`
    case 'messageActionCustomAction':
      return action.message
    case 'messageActionContactSignUp':
      return `${who} joined Telegram`
    case 'messageActionGeoProximityReached':
      return `${peerName(view, action.fromId)} is within ${action.distance} metres of ${peerName(view, action.toId)}`
    case 'messageActionSetMessagesTTL':
      return action.period > 0
        ? `${who} set messages to disappear after ${duration(action.period)}`
        : `${who} set messages not to disappear`
    case 'messageActionSetChatTheme':
      return `${who} changed the theme of the chat`
    case 'messageActionSetChatWallPaper':
      return `${who} changed the background of the chat`
    case 'messageActionSuggestProfilePhoto':
      return `${who} suggested a profile picture`
    case 'messageActionSuggestBirthday':
      return `${who} suggested a birthday`
    case 'messageActionTopicEdit':
      return topicWords(action, who)
    case 'messageActionBotAllowed':
      return action.domain === undefined ? 'A bot may write to you' : `You logged in to ${action.domain}`
    case 'messageActionWebViewDataSent':
    case 'messageActionWebViewDataSentMe':
      return `${who} sent data to a bot: ${action.text}`
    case 'messageActionTodoCompletions':
      return todoWords(action, who)
    case 'messageActionTodoAppendTasks':
      return `${who} added to the list: ${action.list.map((item) => item.title.text).join(', ')}`
    case 'messageActionPollAppendAnswer':
      return action.answer._ === 'pollAnswer'
        ? `${who} added an answer: ${action.answer.text.text}`
        : undefined
    case 'messageActionPollDeleteAnswer':
      return action.answer._ === 'pollAnswer'
        ? `${who} removed an answer: ${action.answer.text.text}`
        : undefined
    case 'messageActionNoForwardsToggle':
      return action.newValue ? `${who} switched forwarding off` : `${who} switched forwarding on`
    case 'messageActionNoForwardsRequest':
      return `${who} asked to change whether messages can be forwarded`
    case 'messageActionNewCreatorPending':
      return `${nameOf(view, { kind: 'user', id: action.newCreatorId })} is to become the owner`
    case 'messageActionChangeCreator':
      return `${nameOf(view, { kind: 'user', id: action.newCreatorId })} is the owner now`
    case 'messageActionBoostApply':
      return `${who} boosted the group`
    case 'messageActionManagedBotCreated':
      return `${who} created a bot`
    case 'messageActionRequestedPeer':
    case 'messageActionRequestedPeerSentMe':
      return `${who} shared a chat with a bot`
    case 'messageActionPaidMessagesPrice':
      return action.stars.isZero()
        ? `${who} made messages free`
        : `${who} set the price of a message to ${action.stars.toString()} stars`
    case 'messageActionSecureValuesSent':
    case 'messageActionSecureValuesSentMe':
      return `${who} sent Telegram Passport documents to a bot`
    default:
      return undefined
  }
}

function topicWords(action: tl.RawMessageActionTopicEdit, who: string): string | undefined {
  if (action.closed !== undefined) return `${who} ${action.closed ? 'closed' : 'reopened'} the topic`
  if (action.hidden !== undefined) return `${who} ${action.hidden ? 'hid' : 'showed'} the topic`
  if (action.iconEmojiId !== undefined && action.title === undefined)
    return `${who} changed the icon of the topic`
  return undefined
}

function todoWords(action: tl.RawMessageActionTodoCompletions, who: string): string {
  const count = (numbers: number[]) => `${numbers.length} ${numbers.length === 1 ? 'task' : 'tasks'}`
  const parts = [
    action.completed.length > 0 ? `marked ${count(action.completed)} as done` : '',
    action.incompleted.length > 0 ? `marked ${count(action.incompleted)} as not done` : '',
  ].filter((part) => part !== '')
  return `${who} ${parts.length === 0 ? 'looked at the list' : parts.join(' and ')}`
}

/** What only the app can show: calls, games, gifts and payments, as somebody's message. Undefined for all else. */
export function appWordsOf(action: Action, view: View): { what: string; sentence: string } | undefined {
  switch (action._) {
    case 'messageActionPhoneCall':
      return { what: 'call', sentence: callWords(action) }
    case 'messageActionConferenceCall':
      return { what: 'call', sentence: action.missed === true ? 'A missed group call.' : 'A group call.' }
    case 'messageActionGroupCall':
      return action.duration === undefined
        ? { what: 'call', sentence: 'A group call has begun.' }
        : { what: 'call', sentence: `The group call has ended, after ${duration(action.duration)}.` }
    case 'messageActionGroupCallScheduled':
      return { what: 'call', sentence: `A group call is to begin at ${moment(action.scheduleDate)}.` }
    case 'messageActionInviteToGroupCall':
      return { what: 'call', sentence: `An invitation to the group call for ${namesOf(view, action.users)}.` }
    case 'messageActionGameScore':
      return { what: 'game', sentence: `${action.score} points in a game.` }
    case 'messageActionPaymentSent':
    case 'messageActionPaymentSentMe':
      return { what: 'payment', sentence: 'A payment.' }
    case 'messageActionPaymentRefunded':
    case 'messageActionPaidMessagesRefunded':
      return { what: 'payment', sentence: 'A payment was refunded.' }
    case 'messageActionGiftPremium':
      return { what: 'gift', sentence: `A gift: Telegram Premium for ${duration(action.days * 86_400)}.` }
    case 'messageActionGiftCode':
      return { what: 'gift', sentence: 'A gift code for Telegram Premium.' }
    case 'messageActionGiftStars':
      return { what: 'gift', sentence: `A gift: ${action.stars.toString()} stars.` }
    case 'messageActionGiftTon':
      return { what: 'gift', sentence: 'A gift: Toncoin.' }
    case 'messageActionPrizeStars':
      return { what: 'gift', sentence: `A prize: ${action.stars.toString()} stars.` }
    case 'messageActionStarGift':
    case 'messageActionStarGiftUnique':
      return { what: 'gift', sentence: 'A gift.' }
    case 'messageActionStarGiftPurchaseOffer':
    case 'messageActionStarGiftPurchaseOfferDeclined':
      return { what: 'gift', sentence: 'An offer for a gift.' }
    case 'messageActionGiveawayLaunch':
      return { what: 'giveaway', sentence: 'A giveaway has begun.' }
    case 'messageActionGiveawayResults':
      return { what: 'giveaway', sentence: `A giveaway has ended: ${action.winnersCount} winners.` }
    case 'messageActionSuggestedPostApproval':
      return {
        what: 'suggested post',
        sentence: `A suggested post was ${action.rejected === true ? 'rejected' : 'accepted'}.`,
      }
    case 'messageActionSuggestedPostSuccess':
      return { what: 'suggested post', sentence: 'A suggested post was published.' }
    case 'messageActionSuggestedPostRefund':
      return { what: 'suggested post', sentence: 'A suggested post was refunded.' }
    default:
      return undefined
  }
}

function callWords({ video, reason, duration: seconds }: tl.RawMessageActionPhoneCall): string {
  const what = video === true ? 'video call' : 'voice call'
  if (seconds !== undefined && seconds > 0) return `A ${what} of ${duration(seconds)}.`
  switch (reason?._) {
    case 'phoneCallDiscardReasonMissed':
      return `A missed ${what}.`
    case 'phoneCallDiscardReasonBusy':
      return `A declined ${what}.`
    default:
      return `A ${what}.`
  }
}
