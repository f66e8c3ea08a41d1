import { randomBytes } from 'node:crypto'
import type { CloseReason, Link, Node } from '../contract.ts'
import { child, childrenOf } from '../node.ts'
import type { SimAccount } from './account.ts'
import type { SimWorld } from './index.ts'
import { formatJid } from './jid.ts'

/** A device without a client: a test writes its stanzas and reads what it gets. */
export class TestDevice implements Link {
  readonly phone: string
  readonly device: number
  readonly jid: string
  readonly lid: string
  readonly account: SimAccount
  /** everything it was sent, in order */
  got: Node[] = []
  closedWith: CloseReason | undefined
  private readonly world: SimWorld
  private asked = 0

  /** Connects, and leaves keys when the device has none. */
  constructor(world: SimWorld, account: SimAccount, device = 0) {
    this.world = world
    this.account = account
    this.phone = account.phone
    this.device = device
    this.jid = account.jid('pn', device)
    this.lid = account.jid('lid', device)
    world.opened(this)
    if (world.device(account.phone, device).keys === undefined) this.ask('encrypt', keysOf(account, device))
  }

  send(node: Node): void {
    this.got.push(node)
  }

  close(reason: CloseReason): void {
    this.closedWith = reason
    this.world.closed(this)
  }

  /** Says a stanza; returns whether the world knew it. */
  say(tag: string, attrs: Record<string, string>, content?: Node['content']): boolean {
    return this.world.received(this, content === undefined ? { tag, attrs } : { tag, attrs, content })
  }

  /** Asks, and returns the answer. Throws when there is none. */
  ask(xmlns: string, content: Node[], attrs: Record<string, string> = {}): Node {
    const id = `q${++this.asked}`
    const to = '@s.whatsapp.net'
    const known = this.say('iq', { id, xmlns, type: 'set', to, ...attrs }, content)
    const answer = this.got.find((node) => node.tag === 'iq' && node.attrs['id'] === id)
    if (!known || answer === undefined) throw new Error(`the world did not answer ${xmlns}`)
    return answer
  }

  /** Those of a tag. */
  all(tag: string): Node[] {
    return this.got.filter((node) => node.tag === tag)
  }

  /** A message as a client would send it, encrypted for these addresses. */
  write(to: string, id: string, copies: readonly string[], more: Record<string, string> = {}): void {
    const participants = copies.map((jid) => ({ tag: 'to', attrs: { jid }, content: [enc('msg', jid)] }))
    this.say('message', { to, id, type: 'text', ...more }, [
      { tag: 'participants', attrs: {}, content: participants },
    ])
  }
}

/** Something that looks encrypted; the text tells copies apart. */
export function enc(type: string, text: string): Node {
  return { tag: 'enc', attrs: { v: '2', type }, content: Buffer.from(text) }
}

export const node = (
  tag: string,
  attrs: Record<string, string> = {},
  content: Node['content'] = [],
): Node => ({
  tag,
  attrs,
  content,
})

/** The error of an answer. */
export const codeOf = (answer: Node): string | undefined => child(answer, 'error')?.attrs['code']

/** The first grandchild on a path of tags. Throws when there is none. */
export function at(from: Node, ...tags: string[]): Node {
  return tags.reduce((parent, tag) => {
    const found = child(parent, tag)
    if (found === undefined) throw new Error(`there is no <${tag}> in <${parent.tag}>`)
    return found
  }, from)
}

export const tagsOf = (from: Node): string[] => childrenOf(from).map(({ tag }) => tag)

/** Links a companion as the front does after both sides signed. */
export function linkCompanion(world: SimWorld, account: SimAccount): TestDevice {
  const numbers = world.accounts.reserve(account.phone)
  if (numbers === undefined) throw new Error('no more companions')
  const { number, keyIndex } = numbers
  world.accounts.link(account.phone, {
    number,
    keyIndex,
    identity: identityOf(account, number),
    noise: undefined,
    registrationId: 1,
    signedPreKey: { id: 1, public: Buffer.alloc(32), signature: Buffer.alloc(64) },
    props: Buffer.alloc(0),
    signedIdentity: Buffer.from('signed'),
  })
  return new TestDevice(world, account, number)
}

export function keysOf(account: SimAccount, device: number, count = 10): Node[] {
  const id = (value: number) => node('id', {}, Buffer.from([0, 0, value]))
  const key = (i: number) => node('key', {}, [id(i), node('value', {}, randomBytes(32))])
  return [
    node('registration', {}, Buffer.from([0, 0, 0, 7])),
    node('type', {}, Buffer.from([5])),
    node('identity', {}, device === 0 ? account.identity.public : identityOf(account, device)),
    node(
      'list',
      {},
      Array.from({ length: count }, (_, i) => key(i + 1)),
    ),
    node('skey', {}, [id(1), node('value', {}, randomBytes(32)), node('signature', {}, randomBytes(64))]),
  ]
}

const identityOf = (account: SimAccount, device: number): Buffer =>
  Buffer.alloc(32, formatJid(account.phone, 'x', device))
