import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EVERY_BYTES = 2 * 1024 * 1024

type Collect = (options: { type: 'minor' }) => void
let collect: Collect | undefined
let moved = 0

/**
 * Frees buffers that nobody uses any more once a few megabytes of files went through. V8 counts such buffers only from some
 * dozens of megabytes on; a file that is enciphered piece by piece leaves several times its size behind by then. A minor
 * collection takes a millisecond or two.
 */
export function sweepAfter(bytes: number): void {
  moved += bytes
  if (moved < EVERY_BYTES) return
  moved = 0
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
    setFlagsFromString('--no-expose-gc')
  }
  collect({ type: 'minor' })
}
