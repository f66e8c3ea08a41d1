import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { ViaductError, messageOf } from '../model/errors.ts'
import { UsageError } from './command.ts'
import type { Command, Flags, Input, Io } from './command.ts'
import { commandHelp, programHelp } from './help.ts'

const HELP: Flags = { help: { type: 'boolean', short: 'h', help: 'show this' } }

/**
 * Runs the command that the words name.
 * @returns the exit code: 0 done, 1 it failed, 2 the command line cannot be understood
 */
export async function program(
  words: readonly string[],
  commands: readonly Command[],
  io: Io,
): Promise<number> {
  const [name, ...rest] = words
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const [topic] = rest
    const command = topic === undefined ? undefined : find(topic, commands, io)
    if (topic !== undefined && command === undefined) return 2
    io.out(command === undefined ? programHelp(commands) : commandHelp(command))
    return 0
  }
  const command = find(name === '--version' || name === '-v' ? 'version' : name, commands, io)
  if (command === undefined) return 2
  try {
    const input = parse(command, rest)
    if (input.on('help')) {
      io.out(commandHelp(command))
      return 0
    }
    return await command.run(input, io)
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\nSee: viaduct ${command.name} --help`)
      return 2
    }
    io.err(
      error instanceof ViaductError ? error.message : `viaduct ${command.name} failed: ${messageOf(error)}`,
    )
    if (!(error instanceof ViaductError) && io.env['VIADUCT_TRACE'] !== undefined && error instanceof Error) {
      io.err(error.stack ?? '')
    }
    return 1
  }
}

function find(name: string, commands: readonly Command[], io: Io): Command | undefined {
  const command = commands.find((one) => one.name === name)
  if (command === undefined) {
    const meant = nearest(
      name,
      commands.map((one) => one.name),
    )
    io.err(
      `Unknown command: ${name}. ${meant === undefined ? 'See: viaduct --help' : `Did you mean ${meant}?`}`,
    )
  }
  return command
}

/** @throws UsageError */
function parse(command: Command, words: readonly string[]): Input {
  const flags = { ...command.flags, ...HELP }
  const { tokens } = parseArgs({ args: [...words], options: optionsOf(flags), strict: false, tokens: true })
  const values = new Map<string, (string | true)[]>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const flag = flags[token.name]
    if (flag === undefined) throw unknownFlag(token.rawName, flags)
    if (flag.type === 'string' && token.value === undefined)
      throw new UsageError(`--${token.name} needs a value`)
    if (flag.type === 'boolean' && token.value !== undefined)
      throw new UsageError(`--${token.name} takes no value`)
    const earlier = flag.multiple === true ? (values.get(token.name) ?? []) : []
    values.set(token.name, [...earlier, token.value ?? true])
  }
  if (positionals.length > (command.words ?? 0)) {
    throw new UsageError(`Too many words: ${positionals.slice(command.words ?? 0).join(' ')}`)
  }
  const texts = (name: string) => (values.get(name) ?? []).filter((value) => value !== true)
  return {
    texts,
    text: (name) => texts(name).at(-1),
    on: (name) => values.get(name)?.at(-1) === true,
    positionals,
  }
}

function optionsOf(flags: Flags) {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { type, short }]) => [
      name,
      { type, ...(short !== undefined && { short }) },
    ]),
  )
}

function unknownFlag(rawName: string, flags: Flags): UsageError {
  const meant = nearest(rawName.replace(/^-+/, ''), Object.keys(flags))
  return new UsageError(
    `Unknown option: ${rawName}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`,
  )
}
