import type { MatrixUserId } from '../../model/ids.ts'
import type { Hub } from './hub.ts'
import type { Live } from './live.ts'
import { relayedNick } from './names.ts'
import type { Voice } from './to-remote.ts'

/** How a live connection speaks to a target. */
export function voiceOf(hub: Hub, live: Live, target: string, speaker: string | undefined): Voice {
  const { link } = live
  return {
    nick: link.nick,
    user: link.user,
    host: link.host,
    lineLen: link.isupport.lineLen,
    target,
    sendsTag: (tag) => sendsTag(live, tag),
    multiline: multilineLimits(live),
    redacts: link.has('draft/message-redaction'),
    reactionsAsText: hub.config.reactionsAsText,
    mention: (user) => nickOf(hub, user),
    speaker,
    relayNick: relayNickOf(hub, live, target, speaker),
    now: hub.now,
  }
}

/** An operator may speak for people who are not there (https://ircv3.net/specs/extensions/relaymsg). */
function relayNickOf(hub: Hub, live: Live, target: string, speaker: string | undefined): string | undefined {
  const { link, relayRefused } = live
  if (speaker === undefined || hub.config.relaymsg === false || !link.has('draft/relaymsg')) return undefined
  const modes = hub.channel(target)?.roster.get(link.nick)?.modes ?? ''
  if (!/[qao]/.test(modes) || relayRefused.has(link.fold(target))) return undefined
  return relayedNick(speaker, link.capValue('draft/relaymsg').charAt(0) || '/', link.isupport.nickLen)
}

export const sendsTag = ({ link }: Live, tag: string) =>
  link.has('message-tags') && link.isupport.clientTagDeny.allows(tag)

/** The nick under which a Matrix user is on the network now. */
export function nickOf(hub: Hub, user: MatrixUserId): string | undefined {
  const session = hub.sessions().find((each) => each.login?.owner === user && each.live !== undefined)
  return session?.live?.link.nick
}

function multilineLimits({ link }: Live): Voice['multiline'] {
  if (!link.has('draft/multiline') || !link.has('batch')) return undefined
  const value = link.capValue('draft/multiline')
  const number = (key: string) => {
    const [, digits] = new RegExp(`(?:^|,)${key}=(\\d+)`).exec(value) ?? []
    return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits)
  }
  return { maxBytes: number('max-bytes'), maxLines: number('max-lines') }
}
