import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chmod, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Whether there is such a file. */
export const exists = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  )

/** Writes a whole file or nothing of it, readable by its owner alone if it is secret. */
export async function writeFileWhole(
  path: string,
  text: string,
  options: { secret: boolean },
): Promise<void> {
  const mode = options.secret ? 0o600 : 0o644
  const part = join(dirname(path), `.${randomBytes(6).toString('hex')}.part`)
  const file = await open(part, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await chmod(part, mode)
  await rename(part, path)
}
