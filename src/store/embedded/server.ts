import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ViaductError } from '../../model/errors.ts'
import type { Account } from './account.ts'
import { libraryVariables } from './binaries.ts'
import type { Binaries } from './binaries.ts'
import { startGuarded } from './guarded.ts'
import type { Guarded } from './guarded.ts'
import { PORT } from './names.ts'

/** `sun_path` is 108 bytes on Linux and 104 on macOS, with the final NUL. */
const LONGEST_SOCKET_PATH = process.platform === 'darwin' ? 103 : 107

/** Small: one program uses it. Durability as it comes, spelled out because everything rests on it. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '40',
  shared_buffers: '16MB',
  max_wal_size: '256MB',
  min_wal_size: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  io_method: 'sync',
  huge_pages: 'off',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '',
  log_checkpoints: 'off',
}

/** For tests of other things: the data does not outlive the machine's power, and nothing waits for a disk. */
const UNSAFE: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

/** Starts the server on an existing cluster; it may still refuse. */
export function launch(
  dataDir: string,
  socketDir: string,
  binaries: Binaries,
  account: Account,
  options: { sync: boolean; log: (line: string) => void },
): Guarded {
  const settings: Record<string, string> = {
    ...SETTINGS,
    ...(options.sync ? {} : UNSAFE),
    port: String(PORT),
    unix_socket_directories: `"${socketDir.replaceAll('"', '""')}"`,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = ['env', ...libraryVariables(binaries), binaries.postgres, '-D', dataDir, ...flags]
  return startGuarded(command, account, options.log)
}

/**
 * The data folder, or where the path of a socket in it would be too long, a private folder under the system's
 * temporary one whose name follows from the data folder, so that it is the same after each start.
 */
export async function prepareSocketDir(dataDir: string, account: Account): Promise<string> {
  if (Buffer.byteLength(join(dataDir, `.s.PGSQL.${PORT}`)) <= LONGEST_SOCKET_PATH) return dataDir
  const name = `viaduct-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`
  const inTmp = join(tmpdir(), name)
  const fits = Buffer.byteLength(join(inTmp, `.s.PGSQL.${PORT}`)) <= LONGEST_SOCKET_PATH
  const socketDir = fits ? inTmp : join('/tmp', name)
  await mkdir(socketDir, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  const found = await lstat(socketDir)
  const trusted = [process.getuid?.(), account.ids?.uid]
  if (!found.isDirectory() || !trusted.includes(found.uid)) {
    throw new ViaductError(
      'bad_config',
      `${socketDir} belongs to somebody else: use a data folder with a shorter path.`,
    )
  }
  await chmod(socketDir, 0o700)
  if (account.ids) await chown(socketDir, account.ids.uid, account.ids.gid)
  return socketDir
}
