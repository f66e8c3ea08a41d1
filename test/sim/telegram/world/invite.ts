import type { Account } from './account.ts'

/** A link by which people join. */
export type Invite = {
  readonly hash: string
  readonly by: Account
  readonly date: number
  readonly expires: number | undefined
  readonly limit: number | undefined
  readonly title: string | undefined
  readonly permanent: boolean
  usage: number
  revoked: boolean
}

export const linkOf = (invite: Invite): string => `https://t.me/+${invite.hash}`
