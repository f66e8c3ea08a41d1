import { expect, test } from 'vitest'
import type { Logger } from '../../../src/model/logger.ts'
import { createLogger } from '../../../src/telemetry/log.ts'
import type { LogOptions } from '../../../src/telemetry/log.ts'
import { prettyLine } from '../../../src/telemetry/pretty.ts'

function logger(options: LogOptions = {}): {
  log: Logger
  lines: string[]
  last: () => Record<string, unknown>
} {
  const lines: string[] = []
  const log = createLogger({ ...options, write: (line) => lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}

test('a line is one JSON object with level, time and text', () => {
  const { log, lines, last } = logger()
  log.info({ room: '!a', count: 2 }, 'hello')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/\n$/)
  expect(last()).toMatchObject({ level: 'info', room: '!a', count: 2, msg: 'hello' })
  expect(new Date(String(last()['time'])).getTime()).toBeGreaterThan(0)
  log.warn('only text')
  expect(last()).toMatchObject({ level: 'warn', msg: 'only text' })
})

test('lines below the level are not written', () => {
  const { log, lines } = logger({ level: 'warn' })
  log.debug('no')
  log.info({}, 'no')
  log.child({ a: 1 }).info('no')
  log.error('yes')
  expect(lines).toHaveLength(1)
})

test('fields that are secret by their name are taken out, at any depth, also of children', () => {
  const { log, lines, last } = logger()
  log.info(
    { as_token: 'one', nested: { list: [{ botPassword: 'two' }], Authorization: 'three' }, tokens: 3 },
    'x',
  )
  log.child({ accessToken: 'four', network: 'irc' }).child({ secret: 'five' }).info({ cookie: 'six' }, 'y')
  expect(lines.join('')).not.toMatch(/"(?:one|two|three|four|five|six)"/)
  expect(last()).toMatchObject({ accessToken: '[redacted]', network: 'irc', secret: '[redacted]' })
})

test('secrets in addresses and known secrets in any text are taken out', () => {
  const { log, lines } = logger({ secrets: ['a-known-secret', 'short'] })
  log.info({ url: 'http://h/?access_token=abc&x=1', db: 'postgresql://me:pass@h/x' }, 'at a-known-secret')
  log.error({ error: new Error('a-known-secret refused') }, 'a shortage')
  const all = lines.join('')
  expect(all).not.toMatch(/abc|:pass@|a-known-secret/)
  expect(all).toContain('access_token=[redacted]&x=1')
  expect(all).toContain('a shortage')
})

test('an error is written with its code and its causes, whatever its field is called', () => {
  const { log, last } = logger()
  const cause = Object.assign(new Error('deep'), { code: 'EPIPE' })
  log.error({ why: new TypeError('outer', { cause }) }, 'x')
  expect(last()['why']).toMatchObject({
    type: 'TypeError',
    message: 'outer',
    cause: { message: 'deep', code: 'EPIPE' },
  })
  log.error({ err: new Error('once') }, 'y')
  expect(last()['err']).toMatchObject({ message: 'once' })
})

test('the fields of a line are not changed for their owner', () => {
  const { log } = logger()
  const fields = { password: 'x', inner: { token: 'y' } }
  log.info(fields, 'x')
  expect(fields).toEqual({ password: 'x', inner: { token: 'y' } })
})

test('for people a line is a line', () => {
  const { log, lines } = logger({ pretty: true })
  log.warn({ room: '!a', n: 1 }, 'two\nlines')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d WARN {2}two ⏎ lines room=!a n=1\n$/)
  expect(prettyLine('not json\n', false)).toBe('not json\n')
})
