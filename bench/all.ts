import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Runs every bench that needs nothing but this folder, one after the other. */
const BENCHES = [
  ['ingress'],
  ['sends'],
  ['ledger'],
  ['latency', '--sim'],
  ['memory'],
  ['telegram'],
  ['whatsapp'],
  ['start'],
]

for (const [name = '', ...args] of BENCHES) {
  const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=DEP0060', path, ...args], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code === 0) continue
  console.error(`bench/${name}.ts failed`)
  process.exitCode = 1
}
console.log('\nWith Synapse and InspIRCd (test/real/install, as root): node bench/latency.ts')
