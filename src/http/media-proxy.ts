import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../model/clock.ts'
import type { LinkSigner } from '../model/signed-link.ts'

export type MediaProxyDeps = {
  signer: LinkSigner
  clock: Clock
  download(
    mxc: string,
  ): Promise<{ stream: Readable; contentType?: string; sizeBytes?: number; fileName?: string }>
  text(id: string): Promise<string | undefined>
}

const PATH = /^\/media\/([A-Za-z0-9_.-]+)(?:\/([A-Za-z0-9._-]*))?$/

/** Types that a browser may show; all else is offered as a file. SVG and HTML can hold scripts and are not here. */
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|avif)|video\/(?:mp4|webm|ogg)|audio\/(?:mpeg|ogg|mp4|webm|wav))$/

/**
 * Serves what a signed link stands for, to anyone who has the link. The signature is proven before anything is fetched.
 * @returns whether the path was its own
 */
export function mediaProxy(deps: MediaProxyDeps) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const [path = ''] = (request.url ?? '').split('?')
    const match = PATH.exec(path)
    if (!match) return false
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'Only GET is possible here.')
    const linked = deps.signer.verify(match[1] ?? '', deps.clock.now())
    if (!linked) return refuse(response, 404, 'This link is not valid, or not any more.')
    const headers = {
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    }
    if (linked.kind === 'text') {
      const text = await deps.text(linked.id)
      if (text === undefined) return refuse(response, 404, 'This text is not kept any more.')
      response.writeHead(200, { ...headers, 'content-type': 'text/plain; charset=utf-8' })
      response.end(request.method === 'HEAD' ? undefined : text)
      return true
    }
    await serveMedia(deps, request, response, linked.id, match[2] ?? 'file', headers)
    return true
  }
}

async function serveMedia(
  deps: MediaProxyDeps,
  request: IncomingMessage,
  response: ServerResponse,
  mxc: string,
  name: string,
  headers: Record<string, string>,
): Promise<void> {
  let media: Awaited<ReturnType<MediaProxyDeps['download']>>
  try {
    media = await deps.download(mxc)
  } catch {
    refuse(response, 502, 'The homeserver does not give this file now.')
    return
  }
  const type = media.contentType?.split(';')[0]?.trim().toLowerCase() ?? 'application/octet-stream'
  const shown = SHOWN.test(type)
  response.writeHead(200, {
    ...headers,
    'content-type': shown ? type : 'application/octet-stream',
    'content-disposition': `${shown ? 'inline' : 'attachment'}; filename="${name}"`,
    ...(media.sizeBytes !== undefined && { 'content-length': media.sizeBytes }),
  })
  if (request.method === 'HEAD') {
    media.stream.destroy()
    response.end()
    return
  }
  // Either side may hang up; then the other is closed too, and there is nobody left to tell.
  await pipeline(media.stream, response).catch(() => {})
}

function refuse(response: ServerResponse, status: number, text: string): true {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
  return true
}
