import { applyCode, codesBetween, isPlain, sameStyle, tokenise } from './format-codes.ts'
import type { Style } from './format-codes.ts'

/** A stretch of text that looks the same; what both IRC's codes and HTML are read into and written from. */
export type Run = { text: string; style: Style }

/** Adds text to runs; neighbours that look the same become one. */
export function addRun(runs: Run[], text: string, style: Style): void {
  if (text === '') return
  const last = runs.at(-1)
  if (last !== undefined && sameStyle(last.style, style)) last.text += text
  else runs.push({ text, style })
}

/**
 * Reads a text with format codes. Codes are toggles on a state, never brackets: every stretch gets the state it is in.
 * A line of IRC ends every format, so an LF does.
 */
export function parseRuns(text: string): Run[] {
  const runs: Run[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (index > 0) addRun(runs, '\n', {})
    let style: Style = {}
    for (const token of tokenise(line)) {
      if (token.code) style = applyCode(style, token.text)
      else addRun(runs, token.text, style)
    }
  }
  return runs
}

/** Writes runs with format codes; each line stands for itself and ends with a reset when something is open. */
export function writeRuns(runs: Run[]): string {
  let out = ''
  let style: Style = {}
  const change = (to: Style, next: string) => {
    out += codesBetween(style, to, next)
    style = to
  }
  for (const run of runs) {
    for (const [index, part] of run.text.split('\n').entries()) {
      if (index > 0) {
        change({}, '')
        out += '\n'
      }
      if (part !== '') change(run.style, part)
      out += part
    }
  }
  return isPlain(style) ? out : `${out}\x0f`
}
