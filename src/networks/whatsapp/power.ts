import type { RemoteUserId } from '../../model/ids.ts'
import type { RoomPower } from '../../model/remote-event.ts'
import { idsOf, isSelf } from './names.ts'
import type { GroupFacts, GroupRole, View } from './view.ts'

/**
 * Levels of Matrix for the roles of a group. All are below the bot's 100: nobody can take power from somebody who has
 * as much.
 */
export const OWNER_LEVEL = 95
export const ADMIN_LEVEL = 50
/** Of administrators who are people of this bridge: so they can make and unmake others from Matrix. */
export const OWN_ADMIN_LEVEL = 75

const LEVELS: Readonly<Record<GroupRole, number>> = { owner: OWNER_LEVEL, admin: ADMIN_LEVEL, member: 0 }

/** @param user under any id; whoever is logged in to this bridge is one of its people */
export function levelOf(
  view: Pick<View, 'self' | 'aliasOf' | 'loginOf'>,
  user: RemoteUserId,
  role: GroupRole,
): number {
  if (role !== 'admin') return LEVELS[role]
  const isOwn = idsOf(view, user).some((id) => isSelf(view, id) || view.loginOf(id) !== undefined)
  return isOwn ? OWN_ADMIN_LEVEL : ADMIN_LEVEL
}

/** Whether a level that somebody gave on Matrix makes an administrator. */
export const isAdminLevel = (level: number): boolean => level >= ADMIN_LEVEL

/** As Baileys has it: `superadmin` is whoever made the group. */
export const roleOf = (admin: string | null | undefined): GroupRole =>
  admin === 'superadmin' ? 'owner' : admin === 'admin' ? 'admin' : 'member'

/** What everybody may do, as levels of the room; only what is known. */
export function roomPower(
  facts: Pick<GroupFacts, 'announce' | 'restrict'> & { adminsAdd?: boolean },
): RoomPower {
  const level = (adminsOnly: boolean) => (adminsOnly ? ADMIN_LEVEL : 0)
  return {
    ...(facts.announce !== undefined && { speak: level(facts.announce) }),
    ...(facts.restrict !== undefined && {
      name: level(facts.restrict),
      topic: level(facts.restrict),
      pin: level(facts.restrict),
    }),
    ...(facts.adminsAdd !== undefined && { invite: level(facts.adminsAdd) }),
  }
}
