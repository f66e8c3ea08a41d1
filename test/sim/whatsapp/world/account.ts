import { generateKeyPairSync } from 'node:crypto'
import type { Account, Device, KeyPair } from '../contract.ts'
import type { Addressing } from './jid.ts'
import { LID_SERVER, PN_SERVER, formatJid } from './jid.ts'
import type { KeyBundle } from './key-bundle.ts'
import type { Mailbox } from './mailbox.ts'

export type Picture = { readonly id: string; readonly path: string; readonly url: string }

export type Business = {
  readonly name: string
  readonly description?: string
  readonly address?: string
  readonly email?: string
  readonly website?: string
  readonly category?: string
}

export type AccountOptions = {
  /** digits */
  readonly phone: string
  /** digits; default `9` and the phone number */
  readonly lid?: string
  /** push name; default the phone number */
  readonly name?: string
  readonly about?: string
  /** default `android` */
  readonly platform?: string
  readonly banned?: boolean
  readonly business?: Business
}

/** One device of an account: the phone (0) or a companion. */
export type SimDevice = {
  readonly account: SimAccount
  readonly number: number
  /** undefined for the phone */
  readonly companion: Device | undefined
  readonly mailbox: Mailbox
  /** undefined until it uploads keys; before that nobody is told of it */
  keys: KeyBundle | undefined
  /** said `available` */
  isAvailable: boolean
  /** was connected before */
  wasSeen: boolean
}

/** A person's account. */
export class SimAccount implements Account {
  readonly phone: string
  readonly platform: string
  readonly devices = new Map<number, SimDevice>()
  readonly privacy = new Map<string, string>(PRIVACY)
  readonly blocked = new Set<SimAccount>()
  /** Those it exchanged messages with, or shares a group with: they are told what changes. */
  readonly known = new Set<SimAccount>()
  /** Those whose trusted-contact token it was given. */
  readonly trustedBy = new Set<SimAccount>()
  lid: string
  identity: KeyPair
  banned: boolean
  name: string
  about: { text: string; t: number }
  business: Business | undefined
  picture: Picture | undefined
  disappearing = { seconds: 0, t: 0 }
  lastSeen = 0
  /** Numbers for the next companion; never given twice. */
  nextCompanion = 1

  constructor(options: AccountOptions, now: number) {
    this.phone = options.phone
    this.lid = options.lid ?? `9${options.phone}`
    this.identity = newKeyPair()
    this.platform = options.platform ?? 'android'
    this.banned = options.banned ?? false
    this.name = options.name ?? options.phone
    this.about = { text: options.about ?? '', t: now }
    this.business = options.business
  }

  /** Its address in one form; with a device that of the device. */
  jid(form: Addressing, device = 0): string {
    return form === 'pn' ? formatJid(this.phone, PN_SERVER, device) : formatJid(this.lid, LID_SERVER, device)
  }

  /** Those with keys: others can't be written to. */
  get reachable(): SimDevice[] {
    return [...this.devices.values()].filter(({ keys }) => keys !== undefined)
  }

  get isOnline(): boolean {
    return [...this.devices.values()].some(
      ({ isAvailable, mailbox }) => isAvailable && mailbox.online !== undefined,
    )
  }
}

/** A Curve25519 pair in the raw form of the contract. */
export function newKeyPair(): KeyPair {
  const { x, d } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
  return { public: Buffer.from(x ?? '', 'base64url'), private: Buffer.from(d ?? '', 'base64url') }
}

const PRIVACY: readonly (readonly [string, string])[] = [
  ['readreceipts', 'all'],
  ['last', 'all'],
  ['online', 'all'],
  ['profile', 'all'],
  ['status', 'all'],
  ['groupadd', 'all'],
  ['calladd', 'all'],
  ['messages', 'all'],
]
