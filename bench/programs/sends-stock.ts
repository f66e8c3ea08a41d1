import { createRequire } from 'node:module'
import { LogService, setRequestFn } from '@vector-im/matrix-bot-sdk'
import { AppServiceRegistration, Bridge } from 'matrix-appservice-bridge'
import { testMatrixConfig } from '../../test/support/settings.ts'
import { timed } from '../support/figures.ts'
import { options as given, tell } from './in-child.ts'
import type { SendsOptions } from './sends-options.ts'

/** The library as it comes: an Intent's sendMessage, over its own HTTP client, which the program goes without. */
setRequestFn(createRequire(import.meta.url)('@cypress/request'))
const options = given as SendsOptions
const config = testMatrixConfig(options.homeserverUrl)
const quiet = () => {}
LogService.setLogger({ info: quiet, debug: quiet, trace: quiet, warn: quiet, error: quiet })
const bridge = new Bridge({
  homeserverUrl: options.homeserverUrl,
  domain: config.serverName,
  registration: AppServiceRegistration.fromObject({
    id: config.appserviceId,
    url: null,
    as_token: config.asToken,
    hs_token: config.hsToken,
    sender_localpart: config.senderLocalpart,
    namespaces: { users: [], aliases: [], rooms: [] },
  }),
  disableStores: true,
  controller: { onEvent() {}, onUserQuery: () => null },
})
await bridge.initialise()

const send = (_index: number, worker: number) =>
  bridge.getIntent(`@_irc_ghost${worker}:sim.local`).sendMessage(`!room${worker}:sim.local`, {
    msgtype: 'm.text',
    body: options.body,
  })

const load = { parallel: options.rooms, maxMs: options.maxMs }
await timed({ ...load, count: options.warmUp }, send)
const before = process.cpuUsage()
const run = await timed({ ...load, count: options.count }, send)
const used = process.cpuUsage(before)
tell({ ...run, cpuUs: (used.user + used.system) / run.count, rssMb: process.memoryUsage().rss / 1024 ** 2 })
