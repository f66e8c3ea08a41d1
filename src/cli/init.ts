import type { Command } from './command.ts'

export const initCommand: Command = { name: 'init', summary: 'init', run: () => Promise.resolve(1) }
