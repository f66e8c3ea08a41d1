import type { Environment } from '../config/environment.ts'

/** What a command has of the world. */
export type Io = {
  out: (line: string) => void
  err: (line: string) => void
  env: Environment
  /** Folder of relative paths. */
  cwd: string
  /** Asks a person; absent when there is nobody to ask. */
  ask?: (question: string) => Promise<string>
}

export type Flag = {
  type: 'string' | 'boolean'
  /** What is shown for the value. */
  value?: string
  help: string
  short?: string
  multiple?: boolean
}

export type Flags = Readonly<Record<string, Flag>>

/** What was typed after the name of the command. */
export type Input = {
  text(flag: string): string | undefined
  texts(flag: string): string[]
  on(flag: string): boolean
  positionals: string[]
}

export type Command = {
  name: string
  /** Words after the name, for the help. */
  usage?: string
  summary: string
  /** More for `--help`. */
  details?: string[]
  flags?: Flags
  /** How many words may follow the name; none if not given. */
  words?: number
  /** @returns the exit code */
  run(input: Input, io: Io): Promise<number>
}

/** The command line cannot be understood: exit code 2. */
export class UsageError extends Error {}

export const CONFIG_FLAG: Flags = {
  config: {
    type: 'string',
    value: 'FILE',
    short: 'c',
    help: 'configuration (else VIADUCT_CONFIG, else ./config.yaml)',
  },
}
