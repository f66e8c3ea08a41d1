import type { Core } from '../core.ts'
import { notFound } from '../errors.ts'
import type { Call, Router } from '../router.ts'
import { Reply } from '../router.ts'

const UNUSED_LIFETIME_MS = 24 * 60 * 60 * 1000
/** Types that Synapse lets browsers show in place. */
const INLINE = /^(text\/plain|image\/(png|jpeg|gif|webp|avif)|audio\/|video\/)/

/** The content repository's endpoints. */
export function mediaRoutes(router: Router, core: Core): void {
  const { media } = core
  const config = () => ({ 'm.upload.size': media.maxBytes })
  router.authed('GET', '/_matrix/client/v1/media/config', config)
  router.authed('GET', '/_matrix/media/v3/config', config)
  router.authed('POST', '/_matrix/media/v1/create', (_call, { userId }) => ({
    content_uri: media.create(userId),
    unused_expires_at: Date.now() + UNUSED_LIFETIME_MS,
  }))
  for (const version of ['v3', 'r0']) {
    const path = `/_matrix/media/${version}/upload`
    router.authed('POST', path, (call, { userId }) => ({
      content_uri: media.upload(userId, call.raw, contentType(call), filename(call)),
    }))
    router.authed('PUT', `${path}/:server/:id`, (call, { userId }) => {
      media.put(userId, call.param('server'), call.param('id'), call.raw, contentType(call), filename(call))
      return {}
    })
    // Since spec v1.11 (MSC3916) new media is not on the paths without a token.
    for (const kind of ['download', 'thumbnail']) {
      router.open('GET', `/_matrix/media/${version}/${kind}/:server/:id`, () => {
        throw notFound('Not found')
      })
    }
  }
  const base = '/_matrix/client/v1/media'
  router.authed('GET', `${base}/download/:server/:id`, (call) => file(core, call))
  router.authed('GET', `${base}/download/:server/:id/:filename`, (call) =>
    file(core, call, call.param('filename')),
  )
  // Thumbnails are the file itself.
  router.authed('GET', `${base}/thumbnail/:server/:id`, (call) => file(core, call))
}

function file(core: Core, call: Call, wantedName?: string): Reply {
  const { bytes, contentType: type, filename: name } = core.media.get(call.param('server'), call.param('id'))
  const shown = wantedName ?? name
  const disposition = INLINE.test(type) ? 'inline' : 'attachment'
  return new Reply(200, bytes, {
    'content-type': type,
    'content-disposition':
      shown === undefined ? disposition : `${disposition}; filename*=utf-8''${encodeURIComponent(shown)}`,
    'content-security-policy': "sandbox; default-src 'none'; script-src 'none'; object-src 'self'",
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'private,max-age=86400,s-maxage=86400',
  })
}

function contentType(call: Call): string {
  const header = call.headers['content-type']
  return typeof header === 'string' ? header : 'application/octet-stream'
}

function filename(call: Call): string | undefined {
  return call.query.get('filename') ?? undefined
}
