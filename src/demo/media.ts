import type { ServerResponse } from 'node:http'
import type { World } from './world.ts'

const PATH = /^\/media\/([A-Za-z0-9.:-]+)\/([A-Za-z0-9_-]+)$/

/** Pictures that are shown in the page, by how their files begin; whatever else there is can be saved. */
const PICTURES: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n\x1a\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[^]{4}WEBP/, 'image/webp'],
]

const LONGEST_BEGINNING = 16

/** Gives a file of the homeserver to the page, as Alice's client would show it. @returns whether the path was its own */
export async function serveMedia(world: World, path: string, response: ServerResponse): Promise<boolean> {
  const [, server, id] = PATH.exec(path) ?? []
  if (server === undefined || id === undefined) return false
  const bytes = Buffer.from(await world.alice.download(`mxc://${server}/${id}`))
  const beginning = bytes.toString('latin1', 0, LONGEST_BEGINNING)
  const type = PICTURES.find(([pattern]) => pattern.test(beginning))?.[1]
  response.writeHead(200, {
    'content-type': type ?? 'application/octet-stream',
    'content-disposition': type === undefined ? 'attachment' : 'inline',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, max-age=3600',
  })
  response.end(bytes)
  return true
}
