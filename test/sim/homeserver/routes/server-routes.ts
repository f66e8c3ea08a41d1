import type { Core } from '../core.ts'
import { forbidden } from '../errors.ts'
import { ROOM_VERSIONS } from '../room-creation.ts'
import type { Router } from '../router.ts'
import { Reply } from '../router.ts'
import { text } from '../types.ts'

/** What the homeserver says about itself, and the appservice's ping. */
export function serverRoutes(router: Router, core: Core): void {
  // Synapse 1.160 lists nothing above v1.12, though newer features work.
  const versions = ['r0.6.1', ...Array.from({ length: 12 }, (_, index) => `v1.${index + 1}`)]
  router.open('GET', '/_matrix/client/versions', () => ({ versions, unstable_features: {} }))
  router.open('GET', '/health', () => new Reply(200, 'OK'))
  router.client('GET', '/capabilities', () => ({
    capabilities: {
      'm.room_versions': {
        default: core.options.defaultRoomVersion,
        available: Object.fromEntries(ROOM_VERSIONS.map((version) => [version, 'stable'])),
      },
    },
  }))
  router.authed('POST', '/_matrix/client/v1/appservice/:id/ping', async (call, { appservice }) => {
    if (appservice?.id !== call.param('id')) throw forbidden('Not this application service')
    const durationMs = await core.api.ping(appservice, text(call.optionalJson(), 'transaction_id'))
    core.scheduler.queue(appservice).forceRetry()
    return { duration_ms: durationMs }
  })
}
