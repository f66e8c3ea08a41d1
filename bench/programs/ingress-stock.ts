import type { AddressInfo, Server } from 'node:net'
import { AppService } from 'matrix-appservice-bridge'
import { options, tell } from './in-child.ts'

/** The library's own server: it says 200 before anybody has done or kept anything. */
const service = new AppService({ homeserverToken: (options as { token: string }).token })
service.on('event', () => {})
await service.listen(0, '127.0.0.1', 511)
const { server } = service as unknown as { server: Server }
tell({ port: (server.address() as AddressInfo).port })
