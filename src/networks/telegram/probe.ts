import { messageOf } from '../../model/errors.ts'
import type { Logger } from '../../model/logger.ts'
import type { TelegramConfig } from './config.ts'
import { LoginClient } from './login-client.ts'
import { refusalOf } from './rpc.ts'

export type Probe =
  | { kind: 'reached'; dc: number; ms: number }
  | { kind: 'refused'; why: string }
  | { kind: 'unclear'; why: string }
  | { kind: 'silent'; why: string }

const PATIENCE_MS = 30_000

/** Whether Telegram answers, and takes the api_id and api_hash: it is asked for a code to scan, which nobody is shown. */
export async function probe(config: TelegramConfig, log: Logger): Promise<Probe> {
  const login = new LoginClient(config, log)
  const { apiId, apiHash } = config
  const begun = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Probe>((resolve) => {
    const why = `no answer in ${PATIENCE_MS / 1000} s`
    timer = setTimeout(() => resolve({ kind: 'silent', why }), PATIENCE_MS)
  })
  const ask = async (): Promise<Probe> => {
    const { thisDc } = await login.call({ _: 'help.getNearestDc' })
    const ms = Math.round(performance.now() - begun)
    await login.call({ _: 'auth.exportLoginToken', apiId, apiHash, exceptIds: [] })
    return { kind: 'reached', dc: thisDc, ms }
  }
  try {
    return await Promise.race([ask(), late])
  } catch (error) {
    const refused = refusalOf(error)
    if (refused === undefined) return { kind: 'silent', why: messageOf(error) }
    if (refused.text.startsWith('API_ID'))
      return { kind: 'refused', why: `it does not take the api_id: ${refused.text}` }
    return { kind: 'unclear', why: `it answers, but not as expected: ${refused.text}` }
  } finally {
    clearTimeout(timer)
    await login.close()
  }
}
