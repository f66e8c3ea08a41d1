import { withTelegramSecrets } from '../../config/index.ts'
import type { Config, Secrets } from '../../config/index.ts'
import type { Logger } from '../../model/logger.ts'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** That Telegram is reached and takes the api_id. Nothing is said where Telegram is not set up. */
export async function checkTelegram(config: Config, secrets: Secrets, log: Logger): Promise<Finding[]> {
  if (config.telegram === undefined) return []
  const { probe } = await import('../../networks/telegram/probe.ts')
  const found = await probe(withTelegramSecrets(config.telegram, secrets), log)
  switch (found.kind) {
    case 'reached':
      return [ok('Telegram', `data centre ${found.dc} answers in ${found.ms} ms and takes the api_id`)]
    case 'refused':
      return [fault('Telegram', found.why, 'mend telegram.api_id, and telegram.api_hash in secrets.yaml')]
    case 'unclear':
      return [warning('Telegram', found.why)]
    case 'silent':
      return [
        fault(
          'Telegram',
          found.why,
          'let this machine reach Telegram: TCP port 443 of 149.154.160.0/20 and others',
        ),
      ]
  }
}
