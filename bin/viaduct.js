#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536 node --v8-pool-size=1 --max-semi-space-size=1
// Plain JavaScript, for what has to come before the first TypeScript file: the check that this Node can read one.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const OLDEST = 24

/** Milliseconds after which all that a start needs is loaded. */
const LOADED_MS = 20_000

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  const { name } = module.createRequire(import.meta.url)('../package.json')
  console.error(
    `${name} needs Node ${OLDEST} or newer; this is ${process.versions.node}. ` +
      `Run it by npm in its folder (npm run viaduct -- …), which brings one, or install a newer Node.`,
  )
  process.exit(1)
}

// Compiled code is kept, so that a start neither strips types nor compiles again: half the time, 20 MB less.
// Where the folder can't be written, it starts without.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/viaduct', import.meta.url)))
setTimeout(module.flushCompileCache, LOADED_MS).unref()

await import('../src/cli.ts')
