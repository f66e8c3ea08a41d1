import type { Command } from './command.ts'

export const doctorCommand: Command = { name: 'doctor', summary: 'doctor', run: () => Promise.resolve(1) }
