import { createRequire } from 'node:module'
import type * as Undici from 'undici'

/**
 * The parts of undici that are used. Its index also loads its `fetch`, its mocks and, to tell its own classes from them, the
 * copy of undici that is in Node: 6 MB that stay.
 */
const load = createRequire(import.meta.url)
// What the index does: requests are methods of every dispatcher.
Object.assign(
  (load('undici/lib/dispatcher/dispatcher.js') as typeof Undici.Dispatcher).prototype,
  load('undici/lib/api/index.js') as object,
)
export type Pool = Undici.Pool
export const Pool = load('undici/lib/dispatcher/pool.js') as typeof Undici.Pool
const Agent = load('undici/lib/dispatcher/agent.js') as typeof Undici.Agent

let agent: Undici.Agent | undefined

type Options = Pick<
  Undici.Dispatcher.RequestOptions,
  'headers' | 'body' | 'signal' | 'headersTimeout' | 'bodyTimeout'
> & {
  method?: Undici.Dispatcher.HttpMethod
}

/** A request to any host. @throws what undici throws */
export function request(url: URL, options: Options = {}): Promise<Undici.Dispatcher.ResponseData> {
  agent ??= new Agent()
  const { origin, pathname, search } = url
  return agent.request({ method: 'GET', ...options, origin, path: pathname + search })
}
