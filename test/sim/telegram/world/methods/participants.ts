import { RpcFault } from '../../contract.ts'
import type { TlValue } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Call, Methods } from '../call.ts'
import type { Channel } from '../channel.ts'
import { can } from '../may.ts'
import { channelOf } from '../peers.ts'
import { gather } from '../render/gather.ts'
import { channelParticipant } from '../render/participants.ts'
import { memberIn } from './channels.ts'

const named = (account: Account, q: string): boolean =>
  `${account.firstName} ${account.lastName} ${account.username ?? ''}`.toLowerCase().includes(q)

/** The accounts that a filter asks for. */
function filtered({ args, me }: Call, channel: Channel): Account[] {
  const filter = args.obj('filter')
  const q = (filter.optStr('q') ?? '').toLowerCase()
  const members = [...channel.members.keys()]
  const isAdmin = can(channel, me, 'ban_users')
  switch (filter.name) {
    case 'channelParticipantsRecent':
    case 'channelParticipantsSearch':
    case 'channelParticipantsMentions':
      return members.filter((account) => named(account, q))
    case 'channelParticipantsAdmins':
      return members.filter(
        (account) => account === channel.creator || channel.members.get(account)?.powers !== undefined,
      )
    case 'channelParticipantsBots':
      return members.filter(({ bot }) => bot)
    case 'channelParticipantsContacts':
      return members.filter((account) => me.contacts.has(account) && named(account, q))
    case 'channelParticipantsBanned':
      if (!isAdmin) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
      return members.filter((account) => (channel.members.get(account)?.bans.size ?? 0) > 0)
    case 'channelParticipantsKicked':
      if (!isAdmin) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
      return [...channel.removed.keys()].filter((account) => named(account, q))
    default:
      throw new RpcFault(400, 'FILTER_INVALID')
  }
}

/** Of broadcast channels only administrators see the members. */
function needSight(channel: Channel, me: Account): void {
  if (!channel.members.has(me)) throw new RpcFault(400, 'CHANNEL_PRIVATE')
  const isAdmin = channel.creator === me || channel.members.get(me)?.powers !== undefined
  if (channel.broadcast && !isAdmin) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
}

function getParticipants(call: Call): TlValue {
  const { args, me, view } = call
  const channel = channelOf(view, args.obj('channel'))
  needSight(channel, me)
  const all = filtered(call, channel)
  const offset = args.int('offset')
  const page = all.slice(offset, offset + Math.min(Math.max(args.int('limit'), 1), 200))
  const participants = page.flatMap((account) => channelParticipant(view, channel, account) ?? [])
  return { _: 'channels.channelParticipants', count: all.length, participants, ...gather(view, participants) }
}

function getParticipant(call: Call): TlValue {
  const { args, me, view } = call
  const channel = channelOf(view, args.obj('channel'))
  const account = memberIn(call, 'participant')
  if (account !== me) needSight(channel, me)
  const participant = channelParticipant(view, channel, account)
  if (participant === undefined) throw new RpcFault(400, 'USER_NOT_PARTICIPANT')
  return { _: 'channels.channelParticipant', participant, ...gather(view, participant) }
}

export const participantMethods: Methods = {
  'channels.getParticipants': getParticipants,
  'channels.getParticipant': getParticipant,
}
