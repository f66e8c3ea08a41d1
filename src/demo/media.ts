import type { ServerResponse } from 'node:http'
import type { World } from './world.ts'

const PATH = /^\/media\/([A-Za-z0-9.:-]+)\/([A-Za-z0-9_-]+)$/

/** What is shown in the page, by how its files begin; whatever else there is can be saved. */
const SHOWN: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n\x1a\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[^]{4}WEBP/, 'image/webp'],
  [/^OggS/, 'audio/ogg'],
]

const LONGEST_BEGINNING = 16

/** Gives a file of the homeserver or of a side to the page, as clients would show it. @returns whether there is such a file */
export async function serveMedia(world: World, path: string, response: ServerResponse): Promise<boolean> {
  const [, server, id] = PATH.exec(path) ?? []
  if (server === undefined || id === undefined) return false
  const side = world.sides.find((each) => each.id === server)
  const found = await (side ? side.media?.(id) : world.alice.download(`mxc://${server}/${id}`))
  if (found === undefined) return false
  const bytes = Buffer.from(found)
  const beginning = bytes.toString('latin1', 0, LONGEST_BEGINNING)
  const type = SHOWN.find(([pattern]) => pattern.test(beginning))?.[1]
  response.writeHead(200, {
    'content-type': type ?? 'application/octet-stream',
    'content-disposition': type === undefined ? 'attachment' : 'inline',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, max-age=3600',
  })
  response.end(bytes)
  return true
}
