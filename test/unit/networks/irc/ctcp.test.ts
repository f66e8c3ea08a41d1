import { describe, expect, it } from 'vitest'
import { CtcpAnswers, formatAction, formatCtcp, parseCtcp } from '../../../../src/networks/irc/ctcp.ts'

it.each([
  ['\x01ACTION waves\x01', { command: 'ACTION', args: 'waves' }],
  ['\x01ACTION  waves', { command: 'ACTION', args: ' waves' }],
  ['\x01version\x01', { command: 'VERSION', args: '' }],
  ['\x01PING 1 2\x01x', { command: 'PING', args: '1 2' }],
  ['\x01\x01', undefined],
  ['\x01', undefined],
  ['hello', undefined],
  ['a\x01ACTION x\x01', undefined],
])('reads %j', (text, ctcp) => {
  expect(parseCtcp(text)).toEqual(ctcp)
})

it('writes', () => {
  expect(formatAction('waves')).toBe('\x01ACTION waves\x01')
  expect(formatCtcp('VERSION')).toBe('\x01VERSION\x01')
  expect(formatCtcp('PING', 'a\x01\r\n\0b')).toBe('\x01PING ab\x01')
})

describe('CtcpAnswers', () => {
  const at = (ms: number) => new Date(ms)
  const ask = (answers: CtcpAnswers, command: string, source = 'bob', ms = 0, args = '') =>
    answers.answer({ command, args }, source, at(ms))

  it.each([
    ['VERSION', '', '\x01VERSION Viaduct 1\x01'],
    ['PING', 'x'.repeat(200), `\x01PING ${'x'.repeat(100)}\x01`],
    ['TIME', '', '\x01TIME Thu, 01 Jan 1970 00:00:00 GMT\x01'],
    ['CLIENTINFO', '', '\x01CLIENTINFO ACTION CLIENTINFO PING TIME VERSION\x01'],
    ['DCC', 'SEND x', 'Files and direct chats (DCC) cannot be received here.'],
    ['ACTION', 'x', undefined],
    ['FINGER', '', undefined],
  ])('answers %s', (command, args, text) => {
    expect(ask(new CtcpAnswers({ version: 'Viaduct 1' }), command, 'bob', 0, args)).toBe(text)
  })

  it('answers each source once in five seconds', () => {
    const answers = new CtcpAnswers({ version: 'v' })
    expect(ask(answers, 'ACTION')).toBeUndefined()
    expect(ask(answers, 'VERSION')).toBeDefined()
    expect(ask(answers, 'TIME', 'bob', 4_999)).toBeUndefined()
    expect(ask(answers, 'TIME', 'eve', 4_999)).toBeDefined()
    expect(ask(answers, 'TIME', 'bob', 5_000)).toBeDefined()
  })
})
