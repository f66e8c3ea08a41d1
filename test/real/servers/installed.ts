import { existsSync, readdirSync } from 'node:fs'

/** The Debian sid tree that `test/real/install` builds; Synapse runs in it by chroot. */
export const synapseRoot = process.env['VIADUCT_SYNAPSE_ROOT'] ?? '/var/cache/viaduct-test/synapse-sid'

/** Where the instances of Synapse live, as seen from inside the tree. */
export const synapseInstances = '/srv/viaduct'

export const inspircdProgram = '/usr/sbin/inspircd'
export const ngircdProgram = '/usr/sbin/ngircd'

/** The bin folder of the newest installed PostgreSQL, or undefined. Debian keeps it out of PATH. */
export function postgresPrograms(): string | undefined {
  const base = '/usr/lib/postgresql'
  if (!existsSync(base)) return undefined
  return readdirSync(base)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => `${base}/${version}/bin`)
    .find((bin) => existsSync(`${bin}/postgres`))
}

/** Names of what is missing on this machine; empty when every real test can run. */
export function missingServers(): string[] {
  const missing: string[] = []
  if (process.getuid?.() !== 0) missing.push('root (for chroot)')
  if (!existsSync(synapseRoot)) missing.push(`Synapse (${synapseRoot})`)
  if (!existsSync(inspircdProgram)) missing.push('InspIRCd')
  if (!existsSync(ngircdProgram)) missing.push('ngIRCd')
  if (postgresPrograms() === undefined) missing.push('PostgreSQL')
  return missing
}
