import { messageOf } from '../../model/errors.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { ChatRef, Login } from '../../model/network.ts'
import type { Accounts } from './accounts.ts'
import { canonicalChat } from './chats.ts'
import { isDirect } from './ids.ts'
import { readKeys } from './receipts.ts'
import type { Session } from './session.ts'

type Hint = { kind: 'typing' | 'read'; chat: ChatRef; by: Login; typing?: boolean; upTo?: RemoteMessageId }

/** WhatsApp shows typing for 25 seconds; more often than this it need not be told. */
const TYPING_EVERY_MS = 10_000

/** Passes typing and read marks on. They are worth one try: the next one says more. */
export class Hints {
  readonly #accounts: Accounts
  /** When typing was last passed on, by login and conversation. */
  readonly #typing = new Map<string, number>()

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  pass(hint: Hint): void {
    const session = this.#accounts.of(hint.by.id)
    if (session?.live === undefined) return
    this.#subscribe(session, hint)
    const done = hint.kind === 'typing' ? this.#type(session, hint) : read(session, hint)
    done.catch((error: unknown) =>
      session.host.log.debug({ error: messageOf(error) }, 'whatsapp: a hint was not taken'),
    )
  }

  /** WhatsApp tells who is typing and who is there only to whoever asked for that person, on this connection. */
  #subscribe({ live, view, host }: Session, { chat }: Hint): void {
    const jid = canonicalChat(view, chat.chat.id)
    if (live === undefined || jid === undefined || !isDirect(jid) || live.watched.has(jid)) return
    live.watched.add(jid)
    live.baileys.presenceSubscribe(jid).catch((error: unknown) => {
      live.watched.delete(jid)
      host.log.debug({ error: messageOf(error) }, 'whatsapp: not told who is typing')
    })
  }

  async #type({ login, live, host, view }: Session, { chat, typing }: Hint): Promise<void> {
    const jid = canonicalChat(view, chat.chat.id)
    if (jid === undefined) return
    const key = `${login.id} ${jid}`
    const now = host.clock.now().getTime()
    if (typing === true && now - (this.#typing.get(key) ?? 0) < TYPING_EVERY_MS) return
    if (typing === true) this.#typing.set(key, now)
    else this.#typing.delete(key)
    await live?.baileys.sendPresenceUpdate(typing === true ? 'composing' : 'paused', jid)
  }
}

async function read({ live, view }: Session, { chat, upTo }: Hint): Promise<void> {
  const id = canonicalChat(view, chat.chat.id)
  if (id === undefined || upTo === undefined) return
  const byLid = view.group(id)?.byLid ?? id.endsWith('@lid')
  const speaks = { chat: id, jid: id, self: view.self, aliasOf: view.aliasOf, byLid }
  const keys = live === undefined ? [] : readKeys(speaks, live.unread.read(id, upTo))
  if (keys.length > 0) await live?.baileys.readMessages(keys)
}
