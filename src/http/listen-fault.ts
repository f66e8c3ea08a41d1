import { ViaductError } from '../model/errors.ts'

type Places = { appservice: { listen: { port: number } }; http: { listen?: { port: number } | undefined } }

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use, by another program or by a bridge that still runs; end that',
  EADDRNOTAVAIL: 'is no address of this machine; name another host',
  EACCES: 'may not be used by this user; allow it',
}

/** Why nothing listens, with the key of the configuration to change; any other error as it is. */
export function listenFault(error: unknown, { appservice, http }: Places): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return error
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const key =
    port === http.listen?.port && port !== appservice.listen.port ? 'http.listen' : 'appservice.listen'
  const why = WHY[code ?? ''] ?? `cannot be listened on (${code})`
  return new ViaductError('bad_config', `${address}:${port} ${why}, or change ${key} in the configuration.`, {
    cause: error,
  })
}
