import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SimHomeserver } from './index.ts'
import { parseRegistration } from './registration-file.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'server-name': { type: 'string', default: 'sim.local' },
    appservice: { type: 'string', multiple: true, default: [] },
    user: { type: 'string', multiple: true, default: [] },
  },
})

const homeserver = await SimHomeserver.start({
  port: Number(values.port),
  serverName: values['server-name'],
  appservices: values.appservice.map((path) => parseRegistration(readFileSync(path, 'utf8'))),
})
for (const localpart of values.user) await homeserver.user(localpart)
console.log(`listening on ${homeserver.url}`)

const stop = (): void => void homeserver.close()
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
