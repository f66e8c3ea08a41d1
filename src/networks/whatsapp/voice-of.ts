import type { SendRequest } from '../../model/network.ts'
import { canonicalChat } from './chats.ts'
import { isDirect, isGroup } from './ids.ts'
import type { Session } from './session.ts'
import type { Voice } from './voice.ts'

/** Whose words they are, where they go, and what is known of that place. */
export function voiceOf({ view, host }: Session, { chat, by }: SendRequest, secret: Uint8Array): Voice {
  const id = canonicalChat(view, chat.chat.id) ?? chat.chat.id
  const facts = isGroup(id) ? view.group(id) : undefined
  const role = facts?.role(view.self.phone) ?? (view.self.lid && facts?.role(view.self.lid))
  const seconds = view.disappearingOf(id)
  return {
    chat: id,
    jid: id,
    self: view.self,
    aliasOf: view.aliasOf,
    byLid: facts?.byLid ?? (isDirect(id) ? id.endsWith('@lid') : view.self.lid !== undefined),
    ...(role !== undefined && { role }),
    ...(by.login === undefined && { speaker: by.name }),
    ...(seconds !== undefined && { disappearingSeconds: seconds }),
    now: host.clock.now(),
    secret,
  }
}
