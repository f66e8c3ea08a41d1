import { constants } from 'node:fs'
import { access, mkdir, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '../../model/errors.ts'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const OLDEST_NODE = 24
const MB = 1_000_000
const LOW_BYTES = 1000 * MB
const EMPTY_BYTES = 100 * MB

export function checkNode(version: string = process.versions.node): Finding {
  const major = Number(version.split('.')[0])
  if (major >= OLDEST_NODE) return ok('Node.js', version)
  return fault('Node.js', `${version} is too old`, `install Node.js ${OLDEST_NODE} or newer`)
}

/** The folder of the data: that it can be written, and has room. */
export async function checkFolder(path: string): Promise<Finding> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 })
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    return fault(
      'data folder',
      messageOf(error),
      `let this user write to ${dirname(path)}, or change database.data_dir`,
    )
  }
  const { bavail, bsize } = await statfs(path)
  const free = bavail * bsize
  const text = `${path}, ${Math.floor(free / MB)} MB free`
  if (free < EMPTY_BYTES) return fault('data folder', text, 'make room: a full disk stops the bridge')
  if (free < LOW_BYTES) return warning('data folder', text, 'make room soon: a full disk stops the bridge')
  const { uid } = await stat(path)
  const own = process.getuid?.() ?? uid
  if (own !== 0 && uid !== own)
    return warning('data folder', `${text}, owned by another user`, `chown it to this one`)
  return ok('data folder', text)
}
