import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { secretsPath } from '../config/index.ts'
import { formatRegistration } from '../matrix/registration.ts'
import { CONFIG_FLAG } from './command.ts'
import type { Command, Io } from './command.ts'
import { exists, writeFileWhole } from './files.ts'
import { doublePuppetRegistrationOf, homeserverLines, registrationOf } from './registrations.ts'
import { pathFor, settingsFor } from './settings.ts'

export const registrationCommand: Command = {
  name: 'registration',
  summary: 'Print the registration for the homeserver, or write it again after a change',
  details: [
    'With --double-puppet: a second registration with which the bridge acts as the people of your server, so that',
    'what they write on other devices appears as theirs. Whoever has its token has all accounts of the server.',
  ],
  flags: {
    ...CONFIG_FLAG,
    'double-puppet': { type: 'boolean', help: 'the second registration instead' },
    write: {
      type: 'boolean',
      short: 'w',
      help: 'to registration.yaml beside the configuration, not to the screen',
    },
    out: { type: 'string', value: 'FILE', help: 'to this file' },
  },
  async run(input, io) {
    const { config, secrets } = settingsFor(input, io)
    const double = input.on('double-puppet')
    const token = double ? (secrets.doublePuppetToken ?? (await newToken(pathFor(input, io), io))) : undefined
    const registration =
      token === undefined ? registrationOf(config, secrets) : doublePuppetRegistrationOf(config, token)
    const text = formatRegistration(registration)
    const out = input.text('out')
    if (out === undefined && !input.on('write')) {
      io.out(text.trimEnd())
      return 0
    }
    const name = double ? 'registration-doublepuppet.yaml' : 'registration.yaml'
    const path = out === undefined ? resolve(dirname(config.path), name) : resolve(io.cwd, out)
    await writeFileWhole(path, text, { secret: true })
    io.out(`Wrote ${path}. For Synapse's homeserver.yaml:\n\n  ${homeserverLines([path])}\n`)
    io.out('Synapse must be able to read the file, and be restarted.')
    return 0
  },
}

/** A token that exists nowhere else is of no use: it goes to the secrets first. */
async function newToken(config: string, io: Io): Promise<string> {
  const path = secretsPath(config, io.env)
  const token = randomBytes(32).toString('hex')
  const before = (await exists(path)) ? await readFile(path, 'utf8') : ''
  const line = `# Acts for the people of the server.\ndouble_puppet_token: ${token}\n`
  await writeFileWhole(path, before === '' || before.endsWith('\n') ? before + line : `${before}\n${line}`, {
    secret: true,
  })
  io.err(`Added double_puppet_token to ${path}; the bridge takes it at its next start.`)
  return token
}
