import { loadConfig } from '../config/index.ts'
import type { Loaded } from '../config/index.ts'
import { messageOf } from '../model/errors.ts'
import { createLogger } from '../telemetry/log.ts'
import { CONFIG_FLAG } from './command.ts'
import type { Command, Input, Io } from './command.ts'
import { ClientApi } from './doctor/client-api.ts'
import { checkDatabase } from './doctor/database.ts'
import { fault, findingLines, ok, warning } from './doctor/finding.ts'
import type { Finding } from './doctor/finding.ts'
import { checkHomeserver, checkIdentity } from './doctor/homeserver.ts'
import { checkIrc } from './doctor/irc.ts'
import { checkFolder, checkNode } from './doctor/machine.ts'
import { checkReach } from './doctor/reach.ts'
import { checkTelegram } from './doctor/telegram.ts'
import { checkWhatsApp } from './doctor/whatsapp.ts'
import { checkRegistrationFile } from './doctor/registration.ts'
import { pathFor } from './settings.ts'

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Check that everything works together, and say what to mend',
  details: ['✓ is well, ! is worth a look, ✗ must be mended. The exit code is 1 if there is any ✗.'],
  flags: {
    ...CONFIG_FLAG,
    'skip-irc': { type: 'boolean', help: 'do not connect to IRC' },
    'skip-telegram': { type: 'boolean', help: 'do not connect to Telegram' },
    'skip-whatsapp': { type: 'boolean', help: 'do not connect to WhatsApp' },
    json: { type: 'boolean', help: 'one JSON object' },
  },
  async run(input, io) {
    const findings: Finding[] = []
    for await (const finding of examine(input, io)) {
      findings.push(finding)
      if (!input.on('json')) for (const line of findingLines(finding)) io.out(line)
    }
    const faults = findings.filter((finding) => finding.level === 'fault').length
    if (input.on('json')) io.out(JSON.stringify({ ok: faults === 0, findings }))
    else io.out(faults === 0 ? '\nAll well.' : `\n${faults} to mend.`)
    return faults === 0 ? 0 : 1
  },
}

/** All checks in the order in which a fault makes the later ones pointless. */
async function* examine(input: Input, io: Io): AsyncGenerator<Finding> {
  yield checkNode()
  let loaded: Loaded
  try {
    loaded = loadConfig(pathFor(input, io), io.env)
  } catch (error) {
    for (const line of messageOf(error).split('\n')) yield fault('configuration', line)
    return
  }
  const { config, secrets, warnings } = loaded
  yield ok('configuration', config.path)
  for (const text of warnings) yield warning('configuration', text)
  yield await checkRegistrationFile(config, secrets)
  if (config.database.url === undefined) yield await checkFolder(config.database.dataDir)
  yield* await checkDatabase(config, secrets)
  const log = createLogger({ level: 'error', secrets: secrets.known(), write: () => {} })
  // IRC takes its time, and needs nothing of the homeserver.
  const irc = input.on('skip-irc') ? undefined : checkIrc(config, secrets, log)
  const telegram = input.on('skip-telegram') ? undefined : checkTelegram(config, secrets, log)
  const whatsapp = input.on('skip-whatsapp') ? undefined : checkWhatsApp(config)
  yield* matrixFindings(loaded)
  if (telegram !== undefined) yield* await telegram
  if (whatsapp !== undefined) yield* await whatsapp
  if (irc !== undefined) yield* await irc
}

async function* matrixFindings({ config, secrets }: Loaded): AsyncGenerator<Finding> {
  const api = new ClientApi(config.homeserver.url)
  const reached = await checkHomeserver(config, api)
  yield* reached
  if (reached.some((finding) => finding.level === 'fault')) return
  const identity = await checkIdentity(config, secrets, api)
  yield* identity
  if (identity.some((finding) => finding.check === 'as_token' && finding.level === 'fault')) return
  yield* await checkReach(config, secrets, api)
}
