import { DC_ID } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { View } from '../view.ts'
import { hashFor } from './peer.ts'

const ONLINE_S = 300

export function statusTl(account: Account): TlObject {
  const { online, at } = account.presence
  if (online) return { _: 'userStatusOnline', expires: at + ONLINE_S }
  return at === 0 ? { _: 'userStatusRecently' } : { _: 'userStatusOffline', was_online: at }
}

const named = (text: string): string | undefined => (text === '' ? undefined : text)

function photoTl(account: Account, personal: Account['photo']): TlObject | undefined {
  const photo = personal ?? account.photo
  if (photo === undefined) return undefined
  return { _: 'userProfilePhoto', personal: personal !== undefined, photo_id: photo.id, dc_id: DC_ID }
}

/** Whether the viewer needs no more than what fits a `min` object. */
const isStranger = (me: Account, account: Account): boolean =>
  me !== account &&
  !me.contacts.has(account) &&
  ![...me.dialogs.keys()].some((room) => room.kind === 'direct' && room.other(me) === account)

/**
 * An account as the viewer sees it: contacts under the names of the viewer's address book.
 *
 * @param push it goes out with a push, where strangers may be `min`
 */
export function userTl(view: View, account: Account, push = false): TlObject {
  const { realm, me } = view
  if (account.state !== 'active') {
    return { _: 'user', deleted: true, id: account.id, access_hash: hashFor(view, account) }
  }
  const entry = me.contacts.get(account)
  const min = push && realm.switches.minUsers && isStranger(me, account)
  const seesPhone = me === account || entry !== undefined || realm.switches.phonesVisible
  return {
    _: 'user',
    self: me === account,
    contact: entry !== undefined,
    mutual_contact: entry !== undefined && account.contacts.has(me),
    bot: account.bot,
    bot_info_version: account.bot ? 1 : undefined,
    premium: account.premium,
    min,
    apply_min_photo: min,
    id: account.id,
    access_hash: min ? undefined : hashFor(view, account),
    first_name: named(entry?.firstName ?? account.firstName),
    last_name: named(entry === undefined ? account.lastName : entry.lastName),
    username: account.username,
    phone: !min && seesPhone ? account.phone : undefined,
    photo: photoTl(account, entry?.photo),
    status: account.bot ? undefined : statusTl(account),
  }
}
