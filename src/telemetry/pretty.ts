import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const LEVELS: Readonly<Record<string, { name: string; style: Style }>> = {
  debug: { name: 'DEBUG', style: 'dim' },
  info: { name: 'INFO ', style: 'green' },
  warn: { name: 'WARN ', style: 'yellow' },
  error: { name: 'ERROR', style: 'red' },
}

/** A log line in JSON as one line for a person; what is not JSON stays as it is. */
export function prettyLine(line: string, colours: boolean): string {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line)
  } catch {
    return line
  }
  const { level, time, msg, stack, ...fields } = entry
  const { name, style } = LEVELS[String(level)] ?? { name: String(level), style: 'reset' }
  const paint = (how: Style, text: string) =>
    colours ? styleText(how, text, { validateStream: false }) : text
  const rest = Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? oneLine(value) : JSON.stringify(value)}`)
    .join(' ')
  const head = `${paint('dim', clock(time))} ${paint(style, name)} ${oneLine(typeof msg === 'string' ? msg : '')}`
  const trace = typeof stack === 'string' ? `\n${stack}` : ''
  return `${head}${rest === '' ? '' : ` ${paint('dim', rest)}`}${trace}\n`
}

const oneLine = (text: string) => text.replaceAll(/[\r\n]+/g, ' ⏎ ')

function clock(time: unknown): string {
  const at = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN)
  if (Number.isNaN(at.getTime())) return '--:--:--'
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
