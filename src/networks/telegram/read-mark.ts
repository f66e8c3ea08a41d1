import { messageOf } from '../../model/errors.ts'
import type { RemoteHint } from '../../model/remote-event.ts'
import { numberFor, parseChatId } from './ids.ts'
import type { Session } from './session.ts'

type ReadHint = Extract<RemoteHint, { kind: 'read' }>

/**
 * A mark names the newest message that was read, which may be one that the bridge has no event for, such as a notice of the
 * service or one that is deleted. Then it is about the newest that the bridge has, if that came before. Whether there is
 * an event the core knows better: the message may be on its way.
 */
async function onWhatIsKnown({ host, account }: Session, hint: ReadHint): Promise<ReadHint> {
  const chat = parseChatId(hint.chat.id)
  if (chat === undefined || (await host.known(hint.chat, [hint.upTo])).size > 0) return hint
  const newest = await host.newest(hint.chat)
  const read = numberFor([hint.upTo], chat, account)
  const at = newest && numberFor([newest.id], chat, account)
  return newest === undefined || at === undefined || read === undefined || at > read
    ? hint
    : { ...hint, orElse: newest.id }
}

/** Passes on what need not be kept. Never throws. */
export function passHints(session: Session, hints: readonly RemoteHint[]): void {
  for (const hint of hints) {
    if (hint.kind !== 'read') session.host.hint(hint)
    else {
      onWhatIsKnown(session, hint).then(
        (known) => session.host.hint(known),
        // The next mark says more.
        (error: unknown) =>
          session.host.log.debug({ error: messageOf(error) }, 'telegram: a read mark was lost'),
      )
    }
  }
}
