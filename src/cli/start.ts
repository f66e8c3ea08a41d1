import { CONFIG_FLAG } from './command.ts'
import type { Command } from './command.ts'
import { DEMO_FLAGS, demoCommand } from './demo.ts'
import { runCommand } from './run.ts'
import { isConfigured } from './settings.ts'

export const startCommand: Command = {
  name: 'start',
  summary: 'Run the bridge if it is configured, else the demo',
  flags: { ...CONFIG_FLAG, ...DEMO_FLAGS },
  run: (input, io) => (isConfigured(input, io) ? runCommand : demoCommand).run(input, io),
}
