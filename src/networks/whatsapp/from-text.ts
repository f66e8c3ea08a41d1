import type { proto } from '@whiskeysockets/baileys'
import type { RemoteUserId } from '../../model/ids.ts'
import { fromMarkup } from './from-markup.ts'
import type { Mentioned } from './from-markup.ts'
import { userPart } from './ids.ts'
import { idsOf, nameOf, personId } from './names.ts'
import type { Rich } from './rich.ts'
import type { View } from './view.ts'

/** More than a group has members; what is untrusted needs a bound. */
const MOST_MENTIONED = 1_024

/** Whom a message mentions, by all digits by which its text may name them. */
export function mentionedIn(view: View, context: proto.IContextInfo | null | undefined): Mentioned[] {
  const jids = (context?.mentionedJid ?? []).slice(0, MOST_MENTIONED)
  return jids.flatMap((jid) => {
    const remote = personId(view, jid)
    return remote === undefined ? [] : asMentioned(view, remote)
  })
}

function asMentioned(view: View, remote: RemoteUserId): Mentioned[] {
  const user = view.userIdOf(remote)
  const name = nameOf(view, remote)
  return idsOf(view, remote).map((id) => ({ digits: userPart(id), user, remote, name }))
}

/** A text with its formats and mentions. */
export const richText = (
  view: View,
  text: string | null | undefined,
  context?: proto.IContextInfo | null,
): Rich => fromMarkup(text ?? '', mentionedIn(view, context))

/** Whether everybody in the chat is mentioned. */
export const mentionsAll = (context: proto.IContextInfo | null | undefined): boolean =>
  (context?.nonJidMentions ?? 0) > 0
