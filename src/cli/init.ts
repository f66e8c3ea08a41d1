import { rename } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { loadConfig } from '../config/index.ts'
import type { ListenAddress } from '../config/index.ts'
import { formatRegistration, newRegistration } from '../matrix/registration.ts'
import { UsageError } from './command.ts'
import type { Command, Io } from './command.ts'
import { exists, writeFileWhole } from './files.ts'
import { ANSWER_FLAGS, collectAnswers } from './init-answers.ts'
import type { Answers } from './init-answers.ts'
import { configText, secretsText } from './init-files.ts'
import { homeserverLines, registrationOf } from './registrations.ts'

export const initCommand: Command = {
  name: 'init',
  summary: 'Write the configuration, the secrets and the registration',
  details: [
    'Asks what it was not told. Nothing is overwritten without --force; secrets that are there stay even then.',
  ],
  flags: {
    ...ANSWER_FLAGS,
    dir: { type: 'string', value: 'FOLDER', help: 'where to write; the present folder if not given' },
    yes: { type: 'boolean', short: 'y', help: 'ask nothing' },
    force: {
      type: 'boolean',
      help: 'write again what is there; the earlier configuration is kept as config.yaml.bak',
    },
  },
  async run(input, io) {
    const folder = resolve(io.cwd, input.text('dir') ?? '.')
    const paths = {
      config: join(folder, 'config.yaml'),
      secrets: join(folder, 'secrets.yaml'),
      registration: join(folder, 'registration.yaml'),
    }
    const there: string[] = []
    for (const path of Object.values(paths)) if (await exists(path)) there.push(path)
    if (there.length > 0 && !input.on('force')) {
      throw new UsageError(`There is already ${there.join(', ')}. With --force it is written again.`)
    }
    const answers = await collectAnswers(input, io)
    const keepSecrets = there.includes(paths.secrets)
    const fresh = newRegistration({
      url: answers.publicUrl,
      serverName: answers.serverName,
      botLocalpart: 'unused',
      userPrefix: '_',
    })
    if (there.includes(paths.config)) await rename(paths.config, `${paths.config}.bak`)
    await writeFileWhole(paths.config, await configText(answers, fresh.senderLocalpart), { secret: false })
    if (!keepSecrets)
      await writeFileWhole(paths.secrets, secretsText(fresh, answers.telegram), { secret: true })
    // Through the files, so that they are known to work.
    const { config, secrets } = loadConfig(paths.config, {})
    const registration = formatRegistration(registrationOf(config, secrets))
    await writeFileWhole(paths.registration, registration, { secret: true })
    const statusPage =
      config.http.admin && secrets.adminToken !== undefined
        ? pageUrl(config.http.listen ?? config.appservice.listen)
        : undefined
    const bot = `@${config.appservice.botLocalpart}:${answers.serverName}`
    tell(paths, answers, { keepSecrets, statusPage, bot }, io)
    return 0
  },
}

function tell(
  paths: { config: string; secrets: string; registration: string },
  answers: Answers,
  { keepSecrets, statusPage, bot }: { keepSecrets: boolean; statusPage: string | undefined; bot: string },
  io: Io,
): void {
  const irc = answers.networks.map((network) => network.name).join(', ')
  const networks = [
    ...(irc === '' ? [] : [`IRC: ${irc}`]),
    ...(answers.telegram === undefined ? [] : ['Telegram']),
    ...(answers.whatsapp ? ['WhatsApp'] : []),
  ]
  const logins = [
    ...(irc === '' ? [] : ['login irc']),
    ...(answers.telegram === undefined ? [] : ['login telegram']),
    ...(answers.whatsapp ? ['login whatsapp'] : []),
  ]
  io.out(
    [
      `Wrote ${paths.config}${networks.length === 0 ? '' : ` (${networks.join('; ')})`}`,
      keepSecrets ? `Kept  ${paths.secrets}` : `Wrote ${paths.secrets} (keep a copy of it)`,
      `Wrote ${paths.registration}`,
      '',
      "1. Add this line to Synapse's homeserver.yaml and restart Synapse, which must be able to read the file:",
      '',
      `     ${homeserverLines([paths.registration])}`,
      '',
      '2. See whether everything works together:',
      '',
      '     viaduct doctor',
      '',
      '3. Run it:',
      '',
      '     viaduct run',
      '',
      `4. In your Matrix client begin a chat with ${bot} and say:`,
      '',
      `     ${logins.length === 0 ? 'help' : logins.join(', or ')}`,
      ...(answers.whatsapp
        ? [
            '',
            '   WhatsApp then shows a code to scan: on your phone under Settings, Linked devices, Link a device.',
          ]
        : []),
      ...(statusPage === undefined
        ? []
        : [
            '',
            '5. See in a browser how it stands. The page asks for the admin_token of secrets.yaml:',
            '',
            `     ${statusPage}`,
          ]),
    ].join('\n'),
  )
}

/** An address that a browser on this machine can open; listening everywhere includes the loopback. */
function pageUrl({ host, port }: ListenAddress): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}/status`
}
