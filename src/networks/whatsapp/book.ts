import type { Contact as BaileysContact } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import type { ChatSettings } from '../../model/remote-event.ts'
import { isLid, isPhone, toChatId, toUserId, userPart } from './ids.ts'
import type { Vault } from './vault.ts'
import type { Contact } from './view.ts'

const PREFIX = 'contact/'
const DISAPPEARING = 'disappearing/'
const PUT_AWAY = 'put-away/'
/** Where Baileys keeps which phone number has which LID, and the other way round. */
const MAPPINGS = 'key/lid-mapping/'
const REVERSE = '_reverse'

/** What an account knows of people: their names, and which two addresses are one person. */
export class Book {
  readonly #vault: Vault
  readonly #contacts = new Map<string, Contact>()

  constructor(vault: Vault) {
    this.#vault = vault
    for (const key of vault.keys(PREFIX)) {
      this.#contacts.set(key.slice(PREFIX.length), JSON.parse(vault.get(key) ?? '{}') as Contact)
    }
  }

  contact(user: RemoteUserId): Contact | undefined {
    return this.#contacts.get(user)
  }

  aliasOf(user: RemoteUserId): RemoteUserId | undefined {
    const digits = userPart(user)
    if (isPhone(user)) return toUserId(`${this.#mapping(digits) ?? ''}@lid`)
    if (isLid(user)) return toUserId(`${this.#mapping(`${digits}${REVERSE}`) ?? ''}@s.whatsapp.net`)
    return undefined
  }

  /** Everybody of whom there is something. */
  get people(): RemoteUserId[] {
    return [...this.#contacts.keys()].flatMap((key) => toUserId(key) ?? [])
  }

  /**
   * Takes in what became known of somebody: under this id, and in the place of what was known under their other one.
   * @returns whether something is other than it was. @throws when it is not kept
   */
  async learn(user: RemoteUserId, news: Contact): Promise<boolean> {
    const alias = this.aliasOf(user)
    const known = alias === undefined ? undefined : this.#contacts.get(alias)
    const stale = Object.entries(news).filter(([field]) => known !== undefined && field in known)
    const isNew = await this.#put(user, news)
    if (alias === undefined || stale.length === 0) return isNew
    return (await this.#put(alias, Object.fromEntries(stale))) || isNew
  }

  async #put(user: RemoteUserId, news: Contact): Promise<boolean> {
    const before = this.#contacts.get(user) ?? {}
    const after = { ...before, ...news }
    if (JSON.stringify(before) === JSON.stringify(after)) return false
    this.#contacts.set(user, after)
    await this.#vault.set({ [PREFIX + user]: JSON.stringify(after) })
    return true
  }

  /** How the account has put a conversation away, as far as that stays so. */
  putAwayOf(chat: RemoteChatId): ChatSettings | undefined {
    const user = toUserId(chat)
    // It may have been put away when the contact was known by phone number only.
    const alias = user === undefined ? undefined : this.aliasOf(user)
    const texts = [alias, chat].flatMap((id) => this.#vault.get(PUT_AWAY + id) ?? [])
    return texts.length === 0
      ? undefined
      : Object.assign({}, ...texts.map((text): unknown => JSON.parse(text)))
  }

  /** All conversations of which `putAwayOf` knows. */
  get allPutAway(): RemoteChatId[] {
    return this.#vault.keys(PUT_AWAY).flatMap((key) => toChatId(key.slice(PUT_AWAY.length)) ?? [])
  }

  /** @throws when it is not kept */
  async putAway(chat: RemoteChatId, settings: ChatSettings): Promise<void> {
    const { unread: _, ...changed } = settings
    if (Object.keys(changed).length === 0) return
    const all: ChatSettings = { ...this.putAwayOf(chat), ...changed }
    await this.#vault.set({ [PUT_AWAY + chat]: JSON.stringify(all) })
  }

  /** After how many seconds messages of a direct chat disappear. */
  disappearingOf(chat: RemoteChatId): number | undefined {
    const seconds = Number(this.#vault.get(DISAPPEARING + chat))
    return seconds > 0 ? seconds : undefined
  }

  /** @param seconds 0: they don't disappear. @throws when it is not kept */
  async disappear(chat: RemoteChatId, seconds: number): Promise<void> {
    if ((this.disappearingOf(chat) ?? 0) === seconds) return
    await this.#vault.set({ [DISAPPEARING + chat]: seconds > 0 ? String(seconds) : undefined })
  }

  #mapping(key: string): string | undefined {
    const text = this.#vault.get(MAPPINGS + key)
    if (text === undefined) return undefined
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  }
}

/** What an event of Baileys says of a person. Of history the name is the conversation's, which is the address book's too. */
export function newsOf(contact: Partial<BaileysContact>): Contact {
  const { name, notify, verifiedName } = contact
  return {
    ...(typeof name === 'string' && { saved: name }),
    ...(typeof notify === 'string' && notify !== '' && { push: notify }),
    ...(typeof verifiedName === 'string' && verifiedName !== '' && { business: verifiedName }),
  }
}

/** The phone number and the LID in a change of mappings as Baileys keeps it. */
export function mappingIn(
  key: string,
  value: unknown,
): { phone: RemoteUserId; lid: RemoteUserId } | undefined {
  if (typeof value !== 'string' || key.endsWith(REVERSE)) return undefined
  const phone = toUserId(`${key}@s.whatsapp.net`)
  const lid = toUserId(`${value}@lid`)
  return phone === undefined || lid === undefined ? undefined : { phone, lid }
}
