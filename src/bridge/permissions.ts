import { serverOf } from '../model/ids.ts'

/** From nothing at all to everything; each includes those before it. */
export const PERMISSION_LEVELS = ['block', 'relay', 'user', 'admin'] as const
export type PermissionLevel = (typeof PERMISSION_LEVELS)[number]

/** The level of a user: their own entry counts before their server's, that before `*`; nobody named is blocked. */
export function permissionOf(
  user: string,
  table: Readonly<Record<string, PermissionLevel>>,
): PermissionLevel {
  const find = (key: string) => (Object.hasOwn(table, key) ? table[key] : undefined)
  return find(user) ?? find(serverOf(user)) ?? find('*') ?? 'block'
}

export function mayAtLeast(level: PermissionLevel, wanted: PermissionLevel): boolean {
  return PERMISSION_LEVELS.indexOf(level) >= PERMISSION_LEVELS.indexOf(wanted)
}
