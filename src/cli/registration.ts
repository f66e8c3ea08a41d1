import type { Command } from './command.ts'

export const registrationCommand: Command = {
  name: 'registration',
  summary: 'registration',
  run: () => Promise.resolve(1),
}
