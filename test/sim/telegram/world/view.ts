import type { Authorization } from '../contract.ts'
import type { Account } from './account.ts'
import type { Realm } from './realm.ts'

/** Through whose eyes an object is rendered. */
export type View = {
  readonly realm: Realm
  readonly me: Account
  /** The device, for its access hashes; '' for none. */
  readonly login: string
}

export const viewOf = (realm: Realm, me: Account, who?: Authorization): View => ({
  realm,
  me,
  login: who?.keyId ?? '',
})
