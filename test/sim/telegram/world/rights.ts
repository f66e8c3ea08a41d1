import type { TlObject } from '../contract.ts'
import type { Args } from './args.ts'

export const BANS = [
  'view_messages',
  'send_messages',
  'send_media',
  'send_stickers',
  'send_gifs',
  'send_games',
  'send_inline',
  'embed_links',
  'send_polls',
  'change_info',
  'invite_users',
  'pin_messages',
  'manage_topics',
  'send_photos',
  'send_videos',
  'send_roundvideos',
  'send_audios',
  'send_voices',
  'send_docs',
  'send_plain',
  'send_reactions',
] as const
export type Ban = (typeof BANS)[number]

export const POWERS = [
  'change_info',
  'post_messages',
  'edit_messages',
  'delete_messages',
  'ban_users',
  'invite_users',
  'pin_messages',
  'add_admins',
  'anonymous',
  'manage_call',
  'other',
  'manage_topics',
] as const
export type Power = (typeof POWERS)[number]

/** Everything but speaking for the group without a name. */
export const ALL_POWERS: ReadonlySet<Power> = new Set(POWERS.filter((power) => power !== 'anonymous'))

export const bansIn = (rights: Args): Set<Ban> => new Set(BANS.filter((ban) => rights.flag(ban)))

export const powersIn = (rights: Args): Set<Power> => new Set(POWERS.filter((power) => rights.flag(power)))

const flags = (set: ReadonlySet<string>): Record<string, true> =>
  Object.fromEntries([...set].map((name) => [name, true as const]))

export const bannedRights = (bans: ReadonlySet<Ban>, until = 0): TlObject => ({
  _: 'chatBannedRights',
  ...flags(bans),
  until_date: until,
})

export const adminRights = (powers: ReadonlySet<Power>): TlObject => ({
  _: 'chatAdminRights',
  ...flags(powers),
})
