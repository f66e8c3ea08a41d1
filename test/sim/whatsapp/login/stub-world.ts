import type { Account, Accounts, Device, Link, Node, World } from '../contract.ts'
import { child, resultOf } from '../node.ts'
import { generateKeyPair } from '../wire/curve.ts'

/** The least world in which a client connects: accounts, and the questions about keys. */
export class StubWorld implements World, Accounts {
  readonly links: Link[] = []
  readonly events: string[] = []
  readonly #accounts = new Map<string, Account & { banned: boolean }>()
  readonly #companions = new Map<string, Device>()
  #reserved = 0
  companionLimit = 4

  add(phone: string, banned = false): Account {
    const account = { phone, lid: `9${phone}`, identity: generateKeyPair(), platform: 'android', banned }
    this.#accounts.set(phone, account)
    return account
  }

  opened(link: Link): void {
    this.links.push(link)
    this.events.push(`opened ${link.jid}`)
    link.send({ tag: 'ib', attrs: {}, content: [{ tag: 'offline', attrs: { count: '0' } }] })
  }

  received(link: Link, node: Node): boolean {
    if (node.tag === 'presence' || node.tag === 'ack') return true
    if (node.tag !== 'iq' || node.attrs['xmlns'] !== 'encrypt') return false
    if (child(node, 'count') !== undefined)
      link.send(resultOf(node, [{ tag: 'count', attrs: { value: '1' } }]))
    else link.send(resultOf(node, [{ tag: 'digest', attrs: {} }]))
    return true
  }

  closed(link: Link): void {
    this.links.splice(this.links.indexOf(link), 1)
    this.events.push(`closed ${link.jid}`)
  }

  find(phone: string): Account | undefined {
    return this.#accounts.get(phone)
  }

  has(phone: string, device: number): boolean {
    return device === 0 ? this.#accounts.has(phone) : this.#companions.has(`${phone}:${device}`)
  }

  companion(phone: string, device: number): Device | undefined {
    return this.#companions.get(`${phone}:${device}`)
  }

  reserve(phone: string): { number: number; keyIndex: number } | undefined {
    const linked = [...this.#companions.keys()].filter((key) => key.startsWith(`${phone}:`)).length
    if (linked >= this.companionLimit) return undefined
    const number = ++this.#reserved
    return { number, keyIndex: number }
  }

  link(phone: string, device: Device): void {
    this.#companions.set(`${phone}:${device.number}`, device)
  }

  unlink(phone: string, device: number): void {
    this.#companions.delete(`${phone}:${device}`)
    for (const link of this.links.filter((one) => one.phone === phone && one.device === device))
      link.close('removed')
  }
}
