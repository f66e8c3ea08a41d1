import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Command, Io } from '../../../src/cli/command.ts'
import { doctorCommand } from '../../../src/cli/doctor.ts'
import { initCommand } from '../../../src/cli/init.ts'
import { ledgerCommand } from '../../../src/cli/ledger.ts'
import { migrateCommand } from '../../../src/cli/migrate.ts'
import { program } from '../../../src/cli/program.ts'
import { registrationCommand } from '../../../src/cli/registration.ts'
import { versionCommand } from '../../../src/cli/version.ts'

export const COMMANDS: Command[] = [
  initCommand,
  doctorCommand,
  ledgerCommand,
  migrateCommand,
  registrationCommand,
  versionCommand,
]

const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'viaduct-cli-'))
  folders.push(folder)
  return folder
}

export type Result = { code: number; out: string; err: string }

/** Runs the program as if typed in a folder. */
export async function viaduct(
  cwd: string,
  words: readonly string[],
  options: { env?: Io['env']; answers?: string[]; commands?: Command[] } = {},
): Promise<Result> {
  const out: string[] = []
  const err: string[] = []
  const { answers } = options
  const io: Io = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    env: options.env ?? {},
    cwd,
    ...(answers && {
      ask(question: string) {
        out.push(question)
        const answer = answers.shift()
        return answer === undefined
          ? Promise.reject(new Error(`unexpected: ${question}`))
          : Promise.resolve(answer)
      },
    }),
  }
  const code = await program(words, options.commands ?? COMMANDS, io)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

export const INIT = ['init', '--yes', '--server-name', 'example.org', '--admin', '@me:example.org']
