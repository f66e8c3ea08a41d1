import { createHash } from 'node:crypto'
import { serverOf } from '../../model/ids.ts'
import type { MatrixUserId } from '../../model/ids.ts'
import type { IrcNetworkConfig } from './config.ts'
import { nextIdent, renderIdent, renderNick, renderRealname } from './names.ts'
import type { Who } from './names.ts'

/** Before a server says how long names may be: what nearly all of them take. */
const NICK_LEN = 30
const USER_LEN = 10
const NAME_LEN = 50

export function whoIs(user: MatrixUserId): Who {
  const server = serverOf(user)
  const localpart = user.slice(1, server === '' ? undefined : -server.length - 1)
  return { localpart, server, userId: user }
}

/** The names a Matrix user gets on a network, unless they choose a nick themselves. */
export function namesFor(config: IrcNetworkConfig, user: MatrixUserId, idents: Idents) {
  const who = whoIs(user)
  return {
    nick: renderNick(config.nickTemplate, who, { nickLen: NICK_LEN }),
    ident: idents.of(user, renderIdent(config.identTemplate, who, { userLen: USER_LEN })),
    realname: renderRealname(config.realnameTemplate, who, { nameLen: NAME_LEN }),
  }
}

/** Idents by user: no two users share one, so that an operator can ban a person and not the bridge. */
export class Idents {
  readonly #owner = new Map<string, MatrixUserId>()
  readonly #ident = new Map<MatrixUserId, string>()

  /** A user has had this ident before. */
  remember(user: MatrixUserId, ident: string): void {
    if (this.#owner.has(ident) || this.#ident.has(user)) return
    this.#owner.set(ident, user)
    this.#ident.set(user, ident)
  }

  of(user: MatrixUserId, wanted: string): string {
    for (let attempt = 0; !this.#ident.has(user); attempt++)
      this.remember(user, nextIdent(wanted, attempt, USER_LEN))
    return this.#ident.get(user) ?? wanted
  }
}

/** The address of a user in an IPv6 network that is ours: always the same, unlike anybody else's. */
export function addressFor(prefix: string, user: MatrixUserId): string | undefined {
  const [, network, bits] = /^([0-9a-f:]+)\/(\d+)$/i.exec(prefix) ?? []
  if (network === undefined || bits === undefined || Number(bits) > 64) return undefined
  const groups =
    network
      .split('::')[0]
      ?.split(':')
      .filter((group) => group !== '') ?? []
  const head = [...groups, ...Array<string>(Math.max(0, 4 - groups.length)).fill('0')].slice(0, 4)
  const hash = createHash('sha256').update(user).digest('hex')
  const tail = [0, 4, 8, 12].map((at) => hash.slice(at, at + 4))
  return [...head, ...tail].join(':')
}
