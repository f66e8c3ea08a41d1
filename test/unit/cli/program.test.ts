import { expect, test } from 'vitest'
import type { Command } from '../../../src/cli/command.ts'
import { columns, cut, table } from '../../../src/cli/table.ts'
import { ViaductError } from '../../../src/model/errors.ts'
import { COMMANDS, viaduct } from './terminal.ts'

/** A command that tells what it was given, or fails as it was told. */
const echo: Command = {
  name: 'echo',
  usage: 'WORD',
  summary: 'Say it',
  words: 1,
  flags: {
    colour: { type: 'string', short: 'c', help: 'of the words' },
    loud: { type: 'boolean', help: 'shout' },
    tag: { type: 'string', multiple: true, help: 'more' },
  },
  run(input, io) {
    const [word] = input.positionals
    if (word === 'known') return Promise.reject(new ViaductError('database_down', 'The database is away.'))
    if (word === 'strange') return Promise.reject(new Error('odd'))
    io.out(JSON.stringify([word, input.text('colour'), input.on('loud'), input.texts('tag')]))
    return Promise.resolve(0)
  },
}

const run = (...words: string[]) => viaduct('/', words, { commands: [echo, ...COMMANDS] })

test('options and words reach the command', async () => {
  const typed = ['echo', '-c', 'red', 'hello', '--loud', '--tag=a', '--tag', 'b', '--colour', 'blue']
  expect(await run(...typed)).toEqual({ code: 0, out: '["hello","blue",true,["a","b"]]', err: '' })
  expect((await run('echo')).out).toBe('[null,null,false,[]]')
})

test.each([
  [['ecko'], 'Unknown command: ecko. Did you mean echo?'],
  [['--versoin'], 'Unknown command: --versoin.'],
  [['echo', '--color', 'x'], 'Unknown option: --color. Did you mean --colour?'],
  [['echo', '-z'], 'Unknown option: -z.'],
  [['echo', '--colour'], '--colour needs a value'],
  [['echo', '--loud=yes'], '--loud takes no value'],
  [['echo', 'a', 'b'], 'Too many words: b'],
])('%j is refused with exit code 2', async (words, expected) => {
  const { code, err, out } = await run(...words)
  expect(err).toContain(expected)
  expect([code, out]).toEqual([2, ''])
})

test('a fault ends with exit code 1 and its words', async () => {
  expect(await run('echo', 'known')).toMatchObject({ code: 1, err: 'The database is away.' })
  expect(await run('echo', 'strange')).toMatchObject({ code: 1, err: 'viaduct echo failed: odd' })
})

test('the program and each command explain themselves', async () => {
  const all = await run()
  for (const { name, summary } of COMMANDS) {
    expect(all.out).toContain(name)
    const one = await run(name, '--help')
    expect(one.code).toBe(0)
    expect(one.out).toContain(summary)
    expect((await run('help', name)).out).toBe(one.out)
  }
  expect((await run('--help')).out).toBe(all.out)
  expect((await run('--version')).out).toMatch(/^viaduct \d+\.\d+\.\d+ \(node v/)
})

test('columns are aligned, numbers to the right', () => {
  expect(
    table(
      ['ID', 'NAME'],
      [
        ['7', 'ä'],
        ['1000', 'bb'],
      ],
    ),
  ).toEqual(['  ID  NAME', '   7  ä', '1000  bb'])
  expect(
    columns([
      ['a', 'b'],
      ['long', ''],
    ]),
  ).toEqual(['a     b', 'long'])
  expect(cut('one\ntwo\u0007 three', 9)).toBe('one two …')
})
