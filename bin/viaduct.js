#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536 node --v8-pool-size=1 --max-semi-space-size=1 --optimize-for-size
// Plain JavaScript, for what has to come before the first TypeScript file: the check that this Node can read one.
import module from 'node:module'
import { loadStripped } from './stripped.js'

const OLDEST = 24

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  const { name } = module.createRequire(import.meta.url)('../package.json')
  console.error(
    `${name} needs Node ${OLDEST} or newer; this is ${process.versions.node}. ` +
      `Run it by npm in its folder (npm run viaduct -- …), which brings one, or install a newer Node.`,
  )
  process.exit(1)
}

loadStripped()
await import('../src/cli.ts')
