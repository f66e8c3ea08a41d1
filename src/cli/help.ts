import type { Command, Flags } from './command.ts'
import { columns } from './table.ts'

/** What the program can do. */
export function programHelp(commands: readonly Command[]): string {
  return [
    'Viaduct bridges Matrix to IRC, Telegram and WhatsApp.',
    '',
    'Usage: viaduct COMMAND [OPTIONS]',
    '',
    ...columns(commands.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    'First: viaduct init, then viaduct doctor, then viaduct run.',
    'Each command explains itself: viaduct COMMAND --help',
  ].join('\n')
}

/** What one command can do. */
export function commandHelp(command: Command): string {
  const usage = ['viaduct', command.name, command.usage, '[OPTIONS]'].filter((word) => word !== undefined)
  return [
    command.summary,
    '',
    `Usage: ${usage.join(' ')}`,
    ...(command.details === undefined ? [] : ['', ...command.details]),
    '',
    ...columns(flagLines({ ...command.flags, help: { type: 'boolean', short: 'h', help: 'show this' } })),
  ].join('\n')
}

const flagLines = (flags: Flags): string[][] =>
  Object.entries(flags).map(([name, { short, type, value, help, multiple }]) => [
    `  ${short === undefined ? '   ' : `-${short},`} --${name}${type === 'string' ? ` ${value ?? 'TEXT'}` : ''}`,
    multiple === true ? `${help} (can be repeated)` : help,
  ])
