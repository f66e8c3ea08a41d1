import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** A program that ends when we do. */
export type Guarded = {
  /** Of the program's parent; undefined when not even that began. */
  parentPid: number | undefined
  /** Its exit code and its last words; never rejects. */
  exited: Promise<{ code: number; lines: string[] }>
  /** From here on it does not keep our process alive. */
  release: () => void
  /** Asks it to end (SIGINT) and waits until it has. */
  end: () => Promise<void>
}

/** Words in front of the command, and the account to change to. */
export type RunAs = { prefix: string[]; ids?: { uid: number; gid: number } }

const KEPT_LINES = 20

/**
 * $0 waits for the program, so that its exit is ours; a second shell reads the pipe whose other end is held by us
 * alone, gets EOF when we end in whatever way, SIGKILL included, and interrupts the program: for PostgreSQL a fast
 * shutdown. It repeats that, because a program that has only just begun ignores it (POSIX has the shell start it so).
 * Signals to the whole process group must not end the two shells.
 */
const SCRIPT = `
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
trap '' HUP INT TERM
( read -r _ <&3; while kill -INT $program; do sleep 1; done ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait $program
code=$?
kill -KILL $watcher 2>/dev/null
exit $code
`

/** Starts `command` as the account; `log` gets each line it says. */
export function startGuarded(command: string[], account: RunAs, log: (line: string) => void): Guarded {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...account.prefix, ...command], {
    ...account.ids,
    cwd: '/',
    // Its own session: a Ctrl-C is for us; the database must outlive our own shutdown.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.shift()
      log(line)
    })
  }
  child.stdin.on('error', () => {})
  const exited = new Promise<{ code: number; lines: string[] }>((resolve) => {
    child.on('error', (error) => resolve({ code: -1, lines: [error.message] }))
    child.on('close', (code) => resolve({ code: code ?? -1, lines }))
  })
  const streams = [child.stdin, child.stdout, child.stderr].filter((stream) => stream instanceof Socket)
  return {
    parentPid: child.pid,
    exited,
    release() {
      for (const handle of [child, ...streams]) handle.unref()
    },
    async end() {
      // Whoever waits for the end keeps our process alive until then.
      for (const handle of [child, ...streams]) handle.ref()
      child.stdin.destroy()
      await exited
    },
  }
}
