import { networkOf } from './presets.ts'
import type { NetworkPreset } from './presets.ts'
import { UsageError } from './command.ts'
import type { Flags, Input, Io } from './command.ts'
import { messageOf } from '../model/errors.ts'

export type Answers = {
  homeserverUrl: string
  serverName: string
  admin: string
  listen: { host: string; port: number }
  publicUrl: string
  networks: NetworkPreset[]
  telegram?: { apiId: number; apiHash: string }
  whatsapp: boolean
}

type Question = {
  flag: string
  value: string
  help: string
  question: string
  /** What counts without an answer. Absent: there must be one. */
  otherwise?: (known: Map<string, string>) => string
  /** @throws UsageError */
  check: (text: string) => void
}

const QUESTIONS: readonly Question[] = [
  {
    flag: 'server-name',
    value: 'NAME',
    help: 'what stands behind the colon in user ids',
    question: 'Server name (behind the colon in user ids)',
    check: (text) => require(/^[^\s@:/]+(?::\d+)?$/.test(text), text, 'a server name, such as example.org'),
  },
  {
    flag: 'homeserver-url',
    value: 'URL',
    help: 'where the bridge reaches the homeserver',
    question: 'URL of the homeserver, as the bridge reaches it',
    otherwise: () => 'http://127.0.0.1:8008',
    check: checkUrl,
  },
  {
    flag: 'admin',
    value: '@USER:SERVER',
    help: 'who administers the bridge',
    question: 'Your Matrix user id (you will be admin of the bridge)',
    check: (text) => require(/^@[^:\s]+:\S+$/.test(text), text, 'a user id, such as @you:example.org'),
  },
  {
    flag: 'listen',
    value: 'HOST:PORT',
    help: 'where the bridge listens for the homeserver',
    question: 'Where the bridge listens for the homeserver',
    otherwise: () => '127.0.0.1:29340',
    check: listenOf,
  },
  {
    flag: 'public-url',
    value: 'URL',
    help: 'how the homeserver reaches the bridge',
    question: 'URL of the bridge, as the homeserver reaches it',
    otherwise: (known) => urlOf(listenOf(known.get('listen') ?? '')),
    check: checkUrl,
  },
  {
    flag: 'irc',
    value: 'NETWORK',
    help: 'libera, oftc, or host:port; none for no network',
    question: 'IRC networks (libera, oftc, host:port; several with commas; or none)',
    otherwise: () => 'libera',
    check: networksOf,
  },
  {
    flag: 'telegram',
    value: 'ID:HASH',
    help: 'api_id and api_hash from https://my.telegram.org; none for no Telegram',
    question: 'Telegram: api_id:api_hash as https://my.telegram.org shows them (or none)',
    otherwise: () => 'none',
    check: telegramOf,
  },
  {
    flag: 'whatsapp',
    value: 'YES|NO',
    help: 'yes lets people link the bridge to the WhatsApp of their phone',
    question:
      'WhatsApp: people link the bridge to their phone like a browser, nothing to register (yes or no)',
    otherwise: () => 'no',
    check: yesOrNo,
  },
]

export const ANSWER_FLAGS: Flags = Object.fromEntries(
  QUESTIONS.map(({ flag, value, help }) => [
    flag,
    { type: 'string' as const, value, help, ...(flag === 'irc' && { multiple: true }) },
  ]),
)

/**
 * Takes answers from the options, and asks a person for the rest unless `--yes`.
 * @throws UsageError for a bad answer, or when one is missing and there is nobody to ask
 */
export async function collectAnswers(input: Input, io: Io): Promise<Answers> {
  const answers = new Map<string, string>()
  const { ask } = input.on('yes') ? { ask: undefined } : io
  for (const question of QUESTIONS) {
    const given = input.texts(question.flag)
    const answer = given.length > 0 ? given.join(',') : await answerTo(question, answers, ask, io)
    question.check(answer)
    answers.set(question.flag, answer)
  }
  const text = (flag: string) => answers.get(flag) ?? ''
  const telegram = telegramOf(text('telegram'))
  return {
    homeserverUrl: text('homeserver-url'),
    serverName: text('server-name'),
    admin: text('admin'),
    listen: listenOf(text('listen')),
    publicUrl: text('public-url'),
    networks: networksOf(text('irc')),
    ...(telegram && { telegram }),
    whatsapp: yesOrNo(text('whatsapp')),
  }
}

async function answerTo(
  question: Question,
  known: Map<string, string>,
  ask: Io['ask'],
  io: Io,
): Promise<string> {
  const otherwise = question.otherwise?.(known)
  if (ask === undefined) {
    if (otherwise !== undefined) return otherwise
    throw new UsageError(`--${question.flag} ${question.value} is missing: ${question.help}`)
  }
  for (;;) {
    const typed = (
      await ask(`${question.question}${otherwise === undefined ? '' : ` [${otherwise}]`}: `)
    ).trim()
    const answer = typed === '' ? otherwise : typed
    if (answer === undefined) continue
    try {
      question.check(answer)
      return answer
    } catch (error) {
      io.err(`  ${messageOf(error)}`)
    }
  }
}

function require(ok: boolean, text: string, what: string): void {
  if (!ok) throw new UsageError(`${text}: expected ${what}`)
}

function checkUrl(text: string): void {
  require(URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), text, 'an http or https URL')
}

function listenOf(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) {
    throw new UsageError(`${text}: expected an address and a port, such as 127.0.0.1:29340`)
  }
  return { host, port: Number(port) }
}

function urlOf({ host, port }: { host: string; port: number }): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** Reads `12345:0123456789abcdef0123456789abcdef`; undefined for `none`. @throws UsageError, without what was given */
function telegramOf(text: string): Answers['telegram'] {
  if (/^(?:none|no)?$/i.test(text.trim())) return undefined
  const [, id, hash] = /^(\d{1,10}):([0-9A-Za-z]{8,64})$/.exec(text.trim()) ?? []
  if (id === undefined || hash === undefined) {
    throw new UsageError('Telegram: expected api_id and api_hash with a colon between, or none')
  }
  return { apiId: Number(id), apiHash: hash }
}

/** @throws UsageError */
function yesOrNo(text: string): boolean {
  require(/^(?:yes|y|no|n|none)$/i.test(text.trim()), text, 'yes or no')
  return /^y/i.test(text.trim())
}

function networksOf(text: string): NetworkPreset[] {
  const words = text
    .split(/[\s,]+/)
    .filter((word) => word !== '' && word.toLowerCase() !== 'none' && word.toLowerCase() !== 'no')
  const networks = words.map(networkOf)
  const twice = networks.find(
    (network, index) => networks.findIndex((other) => other.id === network.id) !== index,
  )
  if (twice !== undefined) throw new UsageError(`${twice.id} is there twice`)
  return networks
}
