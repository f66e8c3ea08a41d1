import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config, Secrets } from '../../config/index.ts'
import { messageOf } from '../../model/errors.ts'
import { parseRegistration } from '../../matrix/registration.ts'
import type { Registration } from '../../matrix/registration.ts'
import { registrationOf } from '../registrations.ts'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const MEND = 'viaduct registration --write, then restart the homeserver'

/** registration.yaml beside the configuration: that it says the same. */
export async function checkRegistrationFile(config: Config, secrets: Secrets): Promise<Finding> {
  const path = join(dirname(config.path), 'registration.yaml')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return warning(
      'registration',
      `there is no ${path} to compare`,
      'viaduct registration prints what it should say',
    )
  }
  try {
    const wrong = differences(parseRegistration(text), registrationOf(config, secrets))
    if (wrong.length === 0) return ok('registration', `${path} fits the configuration`)
    return fault('registration', `${path} differs from the configuration in ${wrong.join(', ')}`, MEND)
  } catch (error) {
    return fault('registration', `${path}: ${messageOf(error)}`, MEND)
  }
}

/** The names of the keys in which two registrations differ; never their values. */
export function differences(found: Registration, wanted: Registration): string[] {
  const names: readonly [string, unknown, unknown][] = [
    ['id', found.id, wanted.id],
    ['url', found.url, wanted.url],
    ['as_token', found.asToken, wanted.asToken],
    ['hs_token', found.hsToken, wanted.hsToken],
    ['sender_localpart', found.senderLocalpart, wanted.senderLocalpart],
    ['namespaces.users', JSON.stringify(found.users), JSON.stringify(wanted.users)],
    ['namespaces.aliases', JSON.stringify(found.aliases), JSON.stringify(wanted.aliases)],
  ]
  return names.filter(([, one, other]) => one !== other).map(([name]) => name)
}
