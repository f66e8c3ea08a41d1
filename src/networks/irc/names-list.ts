import type { Isupport } from './isupport.ts'

/** Somebody in a channel; `modes` are rank modes, highest first. */
export type NamesEntry = { nick: string; user?: string; host?: string; modes: string }

/** Reads the names of one 353, with all ranks (`multi-prefix`) and with hosts (`userhost-in-names`) where there are any. */
export function parseNames(text: string, isupport: Isupport): NamesEntry[] {
  return text.split(' ').flatMap((word) => {
    let at = 0
    const modes: string[] = []
    for (; at < word.length; at++) {
      const rank = isupport.prefix.find((p) => p.symbol === word.charAt(at))
      if (rank === undefined) break
      modes.push(rank.mode)
    }
    const [, nick = '', user, host] = /^([^!]*)(?:!([^@]*)(?:@(.*))?)?$/.exec(word.slice(at)) ?? []
    if (nick === '') return []
    return [
      {
        nick,
        modes: modes.join(''),
        ...(user === undefined ? {} : { user }),
        ...(host === undefined ? {} : { host }),
      },
    ]
  })
}
