export type Ctcp = { command: string; args: string }

const ANSWER_EVERY_MS = 5_000
const LONGEST_ECHO = 100

/** Reads a CTCP message, whose closing byte some clients leave out; undefined for ordinary text. */
export function parseCtcp(text: string): Ctcp | undefined {
  const [, command, args = ''] = /^\x01([^\x01 ]+)(?: ([^\x01]*))?\x01?/.exec(text) ?? []
  return command === undefined ? undefined : { command: command.toUpperCase(), args }
}

/** Writes a CTCP message; bytes that would end it are taken out. */
export function formatCtcp(command: string, args = ''): string {
  const clean = args.replace(/[\0\x01\r\n]/g, '')
  return `\x01${command}${clean === '' ? '' : ` ${clean}`}\x01`
}

export const formatAction = (text: string) => formatCtcp('ACTION', text)

/** Answers to CTCP requests: at most one for each source in 5 seconds. */
export class CtcpAnswers {
  readonly #version: string
  readonly #answered = new Map<string, number>()

  constructor(o: { version: string }) {
    this.#version = o.version
  }

  /** The text of the NOTICE that answers a request, or nothing. `source` is the casefolded nick or the host. */
  answer(request: Ctcp, source: string, now: Date): string | undefined {
    const text = this.#text(request, now)
    return text !== undefined && this.#allow(source, now.getTime()) ? text : undefined
  }

  #text({ command, args }: Ctcp, now: Date): string | undefined {
    switch (command) {
      case 'VERSION':
        return formatCtcp(command, this.#version)
      case 'PING':
        return formatCtcp(command, args.slice(0, LONGEST_ECHO))
      case 'TIME':
        return formatCtcp(command, now.toUTCString())
      case 'CLIENTINFO':
        return formatCtcp(command, 'ACTION CLIENTINFO PING TIME VERSION')
      case 'DCC':
        return 'Files and direct chats (DCC) cannot be received here.'
      default:
        return undefined
    }
  }

  #allow(source: string, now: number): boolean {
    for (const [other, at] of this.#answered) {
      if (now - at >= ANSWER_EVERY_MS || now < at) this.#answered.delete(other)
    }
    if (this.#answered.has(source)) return false
    this.#answered.set(source, now)
    return true
  }
}
