import { ViaductError } from '../../model/errors.ts'

/** What the server says, and what a person can do about it. */
const CAUSES: readonly { said: RegExp; code: 'database_full' | 'bad_config'; advice: string }[] = [
  {
    said: /No space left on device|Disk quota exceeded/,
    code: 'database_full',
    advice: 'The disk is full: make room and start again.',
  },
  {
    said: /database files are incompatible|initialized by PostgreSQL version/,
    code: 'bad_config',
    advice: 'The folder was made by another version of PostgreSQL.',
  },
  {
    said: /has wrong ownership|has invalid permissions|Permission denied/,
    code: 'bad_config',
    advice: 'Its folder must belong to the user that runs the program and be closed to others (mode 0700).',
  },
  {
    said: /could not (create|map).*shared memory|could not fork/,
    code: 'bad_config',
    advice: 'The machine gives it too little memory or too few processes.',
  },
  {
    said: /error while loading shared libraries|No such file or directory.*postgres|not found/,
    code: 'bad_config',
    advice: 'Its programs do not run on this system: set database.url to a server.',
  },
]

/** Turns the last words of a server that did not start into an error that says what to do. */
export function explain(what: string, lines: string[]): ViaductError {
  const text = lines.join('\n')
  const cause = CAUSES.find(({ said }) => said.test(text))
  const said = lines.filter((line) => /FATAL|PANIC|ERROR|error|could not|No space/.test(line)).slice(-3)
  const words = (said.length > 0 ? said : lines.slice(-3)).join(' | ')
  const detail = [`${what}.`, cause?.advice, words === '' ? undefined : `(${words})`]
  return new ViaductError(
    cause?.code ?? 'database_down',
    detail.filter((part) => part !== undefined).join(' '),
  )
}
