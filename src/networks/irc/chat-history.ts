import { isBatch } from './batch.ts'
import type { Batch } from './batch.ts'
import type { Live } from './live.ts'
import type { IrcMessage } from './wire.ts'

/** Most that is asked for at once, whatever the server allows. */
const MOST = 100
/** Ten thousand lines of the usual size of a page. */
const PAGES = 100

export const canAsk = (live: Live) => live.link.has('draft/chathistory') && live.link.has('batch')

export const pageSize = (live: Live) => Math.min(MOST, live.link.isupport.chatHistory ?? MOST)

export const timestamp = (at: Date) => `timestamp=${at.toISOString()}`

/** One CHATHISTORY query. Undefined when the server refuses it or the connection ends. */
export async function query(live: Live, params: string[]): Promise<(IrcMessage | Batch)[] | undefined> {
  const [verb = '', target = ''] = params
  const targets = verb === 'TARGETS'
  const fits = (item: IrcMessage | Batch) =>
    isBatch(item) &&
    (targets
      ? item.batch === 'draft/chathistory-targets'
      : item.batch === 'chathistory' && live.link.fold(item.params[0] ?? '') === live.link.fold(target))
  const evidence = await live.command({ command: 'CHATHISTORY', params }, targets ? [] : [target], fits)
  if (evidence.kind !== 'accepted') return undefined
  const batch = evidence.items.find((item): item is Batch => isBatch(item) && fits(item))
  return batch?.incomplete === true ? undefined : (batch?.items ?? [])
}

/**
 * Everything after a moment, oldest first, in as many pages as it takes. `enough` sees each page and may end it early.
 * `complete`: nothing is missing.
 */
export async function after(
  live: Live,
  target: string,
  at: Date,
  enough: (page: (IrcMessage | Batch)[]) => Promise<boolean> = () => Promise.resolve(false),
): Promise<{ items: (IrcMessage | Batch)[]; complete: boolean } | undefined> {
  const limit = pageSize(live)
  const items: (IrcMessage | Batch)[] = []
  let reference = timestamp(at)
  for (let page = 0; page < PAGES; page++) {
    const found = await query(live, ['AFTER', target, reference, String(limit)])
    if (found === undefined) return page === 0 ? undefined : { items, complete: false }
    items.push(...found)
    const next = referenceTo(found.at(-1), live)
    const end = found.length < limit || next === undefined || next === reference
    if ((await enough(found)) || end) return { items, complete: true }
    reference = next
  }
  return { items, complete: false }
}

function referenceTo(item: IrcMessage | Batch | undefined, live: Live): string | undefined {
  const { msgid, time } = item?.tags ?? {}
  const { msgRefTypes } = live.link.isupport
  if (msgid !== undefined && (msgRefTypes.length === 0 || msgRefTypes.includes('msgid')))
    return `msgid=${msgid}`
  return time === undefined ? undefined : `timestamp=${time}`
}
