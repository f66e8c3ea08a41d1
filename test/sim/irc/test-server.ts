import { onTestFinished } from 'vitest'
import type { SimIrcOptions } from './index.ts'
import { ALL_CAPS, SimIrc } from './index.ts'

/** A request for every capability. */
export const EVERY = [...ALL_CAPS.keys()].join(' ')

/** A server that is closed when the test ends. */
export async function start(options?: SimIrcOptions): Promise<SimIrc> {
  const server = await SimIrc.start(options)
  onTestFinished(() => server.close())
  return server
}
