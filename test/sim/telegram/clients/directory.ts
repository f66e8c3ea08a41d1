import { Api } from 'telegram'
import type { TelegramClient } from 'telegram'
import { gramLong } from './gram.ts'

const FIRST_CHANNEL = -1_000_000_000_000n

/** A username, or a marked id as the Bot API has it: users n, basic groups -n, channels -1000000000000 - n. */
export type PhoneChat = string | bigint

const isChannel = (chat: Api.TypeChat) => chat instanceof Api.Channel

/**
 * The peers that a login has seen, with its access hashes. GramJS's own directory takes users, groups and channels of
 * the same number for one another.
 */
export class Directory {
  private readonly client: TelegramClient
  private readonly peers = new Map<bigint, Api.TypeInputPeer>()
  private readonly names = new Map<string, Api.TypeInputPeer>()

  constructor(client: TelegramClient) {
    this.client = client
  }

  /** Throws if the login can't see such a peer. */
  async peer(chat: PhoneChat): Promise<Api.TypeInputPeer> {
    if (typeof chat === 'string') return this.byName(chat)
    if (chat < 0n && chat > FIRST_CHANNEL) return new Api.InputPeerChat({ chatId: gramLong(-chat) })
    const known = this.peers.get(chat) ?? (await this.look(chat))
    if (known === undefined) throw new Error(`this login sees no peer ${chat}`)
    return known
  }

  private async look(chat: bigint): Promise<Api.TypeInputPeer | undefined> {
    const dialogs = await this.client.invoke(
      new Api.messages.GetDialogs({
        offsetPeer: new Api.InputPeerEmpty(),
        limit: 100,
        hash: gramLong(0n),
      }),
    )
    if ('chats' in dialogs) this.learn(dialogs.users, dialogs.chats)
    const contacts = await this.client.invoke(new Api.contacts.GetContacts({ hash: gramLong(0n) }))
    if ('users' in contacts) this.learn(contacts.users, [])
    return this.peers.get(chat)
  }

  private async byName(username: string): Promise<Api.TypeInputPeer> {
    const known = this.names.get(username)
    if (known !== undefined) return known
    const { peer, users, chats } = await this.client.invoke(new Api.contacts.ResolveUsername({ username }))
    this.learn(users, chats)
    const id =
      peer instanceof Api.PeerChannel
        ? FIRST_CHANNEL - BigInt(peer.channelId.toString())
        : peer instanceof Api.PeerUser
          ? BigInt(peer.userId.toString())
          : 0n
    const found = await this.peer(id)
    this.names.set(username, found)
    return found
  }

  private learn(users: readonly Api.TypeUser[], chats: readonly Api.TypeChat[]): void {
    for (const user of users) {
      if (!(user instanceof Api.User) || user.accessHash === undefined) continue
      const peer = new Api.InputPeerUser({ userId: user.id, accessHash: user.accessHash })
      this.peers.set(BigInt(user.id.toString()), peer)
    }
    for (const chat of chats.filter(isChannel)) {
      if (chat.accessHash === undefined) continue
      const peer = new Api.InputPeerChannel({ channelId: chat.id, accessHash: chat.accessHash })
      this.peers.set(FIRST_CHANNEL - BigInt(chat.id.toString()), peer)
    }
  }
}
