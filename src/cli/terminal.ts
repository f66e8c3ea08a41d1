import { createInterface } from 'node:readline/promises'
import type { Io } from './command.ts'

/** The terminal, or whatever stands in its place. */
export function terminal(): Io {
  // `viaduct ledger list | head` closes the pipe early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    env: process.env,
    cwd: process.cwd(),
    ...(process.stdin.isTTY && process.stdout.isTTY && { ask }),
  }
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  // Ctrl-C or Ctrl-D in the middle of a question ends the program.
  lines.once('SIGINT', () => process.exit(130))
  try {
    return await lines.question(question)
  } finally {
    lines.close()
  }
}
