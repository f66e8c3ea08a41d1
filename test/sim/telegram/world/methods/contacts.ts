import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import { emitShort } from '../acts/typing.ts'
import type { Account } from '../account.ts'
import type { Call, Methods } from '../call.ts'
import { roomOf, userOf } from '../peers.ts'
import { gather } from '../render/gather.ts'
import { peerChannel, peerUser } from '../render/peer.ts'
import { statusTl } from '../render/user.ts'

const contactTl = (me: Account, account: Account): TlObject => ({
  _: 'contact',
  user_id: account.id,
  mutual: account.contacts.has(me),
})

function getContacts({ me, view }: Call): TlValue {
  const contacts = [...me.contacts.keys()].map((account) => contactTl(me, account))
  const { users } = gather(view, contacts)
  return { _: 'contacts.contacts', contacts, saved_count: contacts.length, users }
}

const resolved = (call: Call, peer: TlObject): TlObject => ({
  _: 'contacts.resolvedPeer',
  peer,
  ...gather(call.view, peer),
})

function resolveUsername(call: Call): TlValue {
  const username = call.args.str('username').replace(/^@/, '')
  const account = call.realm.userByName(username)
  if (account !== undefined && account.state === 'active') return resolved(call, peerUser(account))
  const channel = call.realm.channelByName(username)
  if (channel === undefined) throw new RpcFault(400, 'USERNAME_NOT_OCCUPIED')
  return resolved(call, peerChannel(channel))
}

function resolvePhone(call: Call): TlValue {
  const account = call.realm.userByPhone(call.args.str('phone'))
  if (account === undefined) throw new RpcFault(400, 'PHONE_NOT_OCCUPIED')
  return resolved(call, peerUser(account))
}

function addContact(call: Call): TlValue {
  const { args, me, view, turn } = call
  const account = userOf(view, args.obj('id'))
  const firstName = args.str('first_name')
  if (firstName === '') throw new RpcFault(400, 'CONTACT_NAME_EMPTY')
  if (account === me) throw new RpcFault(400, 'CONTACT_ID_INVALID')
  me.contacts.set(account, { firstName, lastName: args.str('last_name'), phone: args.str('phone') })
  turn.emit(me, () => ({
    _: 'updatePeerSettings',
    peer: peerUser(account),
    settings: { _: 'peerSettings' },
  }))
  return turn.reply(view)
}

function importContacts(call: Call): TlValue {
  const { args, me, realm, view } = call
  const imported: TlObject[] = []
  for (const input of args.objs('contacts')) {
    const account = realm.userByPhone(input.str('phone'))
    if (account === undefined || account === me) continue
    const entry = {
      firstName: input.str('first_name'),
      lastName: input.str('last_name'),
      phone: input.str('phone'),
    }
    me.contacts.set(account, entry)
    imported.push({ _: 'importedContact', user_id: account.id, client_id: input.long('client_id') })
  }
  const { users } = gather(view, imported)
  return { _: 'contacts.importedContacts', imported, popular_invites: [], retry_contacts: [], users }
}

function deleteContacts(call: Call): TlValue {
  const { args, me, view, turn } = call
  for (const input of args.objs('id')) {
    const account = userOf(view, input)
    me.contacts.delete(account)
    turn.emit(me, () => ({
      _: 'updatePeerSettings',
      peer: peerUser(account),
      settings: { _: 'peerSettings', add_contact: true },
    }))
  }
  return turn.reply(view)
}

function setBlocked(call: Call, blocked: boolean): TlValue {
  const { args, me, view, turn } = call
  const room = roomOf(view, args.obj('id'))
  if (room.kind !== 'direct') throw new RpcFault(400, 'CONTACT_ID_INVALID')
  const account = room.other(me)
  if (blocked) me.blocked.add(account)
  else me.blocked.delete(account)
  emitShort(turn, me, { _: 'updatePeerBlocked', blocked, peer_id: peerUser(account) })
  return true
}

function getBlocked({ me, view, realm }: Call): TlValue {
  const blocked = [...me.blocked].map((account) => ({
    _: 'peerBlocked',
    peer_id: peerUser(account),
    date: realm.now(),
  }))
  return { _: 'contacts.blocked', blocked, ...gather(view, blocked) }
}

/** Contacts and partners by name, strangers and channels by username. */
function search(call: Call): TlValue {
  const { args, me, realm, view } = call
  const q = args.str('q').toLowerCase()
  const limit = Math.max(args.int('limit'), 1)
  const users = [...realm.users.values()].filter((account) => account !== me && account.state === 'active')
  const name = (account: Account) => {
    const entry = me.contacts.get(account) ?? account
    return `${entry.firstName} ${entry.lastName}`.toLowerCase()
  }
  const mine = users.filter((account) => me.contacts.has(account) && name(account).includes(q))
  const others = users.filter(
    (account) => !mine.includes(account) && account.username?.toLowerCase().startsWith(q) === true,
  )
  const channels = [...realm.channels.values()].filter(
    ({ username }) => username?.toLowerCase().startsWith(q) === true,
  )
  const my_results = mine.slice(0, limit).map(peerUser)
  const results = [...others.map(peerUser), ...channels.map(peerChannel)].slice(0, limit)
  return { _: 'contacts.found', my_results, results, ...gather(view, [my_results, results]) }
}

const statuses = ({ me }: Call): TlValue =>
  [...me.contacts.keys()].map((account) => ({
    _: 'contactStatus',
    user_id: account.id,
    status: statusTl(account),
  }))

export const contactMethods: Methods = {
  'contacts.getContacts': getContacts,
  'contacts.getContactIDs': ({ me }) => [...me.contacts.keys()].map(({ id }) => Number(id)),
  'contacts.getStatuses': statuses,
  'contacts.resolveUsername': resolveUsername,
  'contacts.resolvePhone': resolvePhone,
  'contacts.addContact': addContact,
  'contacts.importContacts': importContacts,
  'contacts.deleteContacts': deleteContacts,
  'contacts.block': (call) => setBlocked(call, true),
  'contacts.unblock': (call) => setBlocked(call, false),
  'contacts.getBlocked': getBlocked,
  'contacts.search': search,
  'contacts.getTopPeers': () => ({ _: 'contacts.topPeersDisabled' }),
}
