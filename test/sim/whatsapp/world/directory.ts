import type { Account, Accounts, Device } from '../contract.ts'
import type { AccountOptions, SimDevice } from './account.ts'
import { SimAccount } from './account.ts'
import { LID_SERVER, PN_SERVER, parseJid } from './jid.ts'
import { Mailbox } from './mailbox.ts'
import type { Transmit } from './mailbox.ts'

export type DirectoryHooks = {
  readonly transmit: (device: SimDevice) => Transmit
  readonly now: () => number
  readonly companionLimit: () => number
  /** After a companion was added or taken away. */
  readonly changed: (device: SimDevice, how: 'add' | 'remove') => void
}

/** Who has an account, under which addresses, and on which devices. Look-ups are O(1). */
export class Directory implements Accounts {
  private readonly hooks: DirectoryHooks
  private readonly byPhone = new Map<string, SimAccount>()
  private readonly byLid = new Map<string, SimAccount>()

  constructor(hooks: DirectoryHooks) {
    this.hooks = hooks
  }

  get all(): SimAccount[] {
    return [...this.byPhone.values()]
  }

  /** Throws when the phone number or the LID is taken. */
  add(options: AccountOptions): SimAccount {
    const account = new SimAccount(options, this.hooks.now())
    if (this.byPhone.has(account.phone) || this.byLid.has(account.lid))
      throw new Error(`the simulated WhatsApp has an account of ${account.phone} or ${account.lid} already`)
    this.byPhone.set(account.phone, account)
    this.byLid.set(account.lid, account)
    this.addDevice(account, 0, undefined)
    return account
  }

  /** Throws when there is none: a mistake of the test. */
  get(phone: string): SimAccount {
    const account = this.byPhone.get(phone)
    if (account === undefined) throw new Error(`no such account on the simulated WhatsApp: ${phone}`)
    return account
  }

  /** From now on the account is known under another LID. */
  changeLid(account: SimAccount, lid: string): void {
    this.byLid.delete(account.lid)
    account.lid = lid
    this.byLid.set(lid, account)
  }

  /** Whose address this is, in either form. */
  account(jid: string | undefined): SimAccount | undefined {
    const parsed = parseJid(jid)
    if (parsed?.server === PN_SERVER) return this.byPhone.get(parsed.user)
    return parsed?.server === LID_SERVER ? this.byLid.get(parsed.user) : undefined
  }

  /** The device that an address names. */
  device(jid: string | undefined): SimDevice | undefined {
    return this.account(jid)?.devices.get(parseJid(jid)?.device ?? 0)
  }

  find(phone: string): Account | undefined {
    return this.byPhone.get(phone)
  }

  has(phone: string, device: number): boolean {
    return this.byPhone.get(phone)?.devices.has(device) ?? false
  }

  companion(phone: string, device: number): Device | undefined {
    return this.byPhone.get(phone)?.devices.get(device)?.companion
  }

  reserve(phone: string): { number: number; keyIndex: number } | undefined {
    const account = this.byPhone.get(phone)
    if (account === undefined || account.devices.size > this.hooks.companionLimit()) return undefined
    const number = account.nextCompanion++
    return { number, keyIndex: number }
  }

  link(phone: string, companion: Device): void {
    const account = this.byPhone.get(phone)
    if (account === undefined) return
    const device = this.addDevice(account, companion.number, companion)
    this.hooks.changed(device, 'add')
  }

  unlink(phone: string, number: number): void {
    const account = this.byPhone.get(phone)
    const device = account?.devices.get(number)
    if (account === undefined || device === undefined || number === 0) return
    account.devices.delete(number)
    this.hooks.changed(device, 'remove')
  }

  private addDevice(account: SimAccount, number: number, companion: Device | undefined): SimDevice {
    let transmit: Transmit = () => {}
    const device: SimDevice = {
      account,
      number,
      companion,
      mailbox: new Mailbox((link, node) => transmit(link, node)),
      keys: undefined,
      isAvailable: false,
      wasSeen: false,
    }
    transmit = this.hooks.transmit(device)
    account.devices.set(number, device)
    return device
  }
}
