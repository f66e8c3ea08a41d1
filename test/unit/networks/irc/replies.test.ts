import { expect, it } from 'vitest'
import { classify } from '../../../../src/networks/irc/replies.ts'
import { parseLine } from '../../../../src/networks/irc/wire.ts'

const cases: [line: string, kind: string, target?: string | undefined, fix?: string][] = [
  [':s 401 me bob :No such nick', 'rejected', 'bob'],
  [':s 403 me #c :No such channel', 'rejected', '#c'],
  [':s 404 me #c :Cannot send to channel', 'rejected', '#c'],
  [':s 404 me #c :Cannot send to channel (+m)', 'rejected', '#c'],
  [
    ':s 404 me #c :You cannot send external messages to this channel whilst the +n (noextmsg) mode is set.',
    'fixable',
    '#c',
    'join',
  ],
  [':s 404 me #c :Cannot send to channel (+n)', 'fixable', '#c', 'join'],
  [':s 404 me #c :Color is not permitted in this channel (#c)', 'fixable', '#c', 'plain'],
  [
    ':s 404 me #c :You need to be identified to a registered account to message this channel',
    'fixable',
    '#c',
    'identify',
  ],
  [':s 408 me #c :You cannot use colors on this channel', 'fixable', '#c', 'plain'],
  [':s 412 me :No text to send', 'rejected'],
  [':s 417 me :Input line was too long', 'rejected'],
  [':s 421 me TAGMSG :Unknown command', 'rejected'],
  [':s 433 me bob :Nickname is already in use', 'none'],
  [':s 442 me #c :You are not on that channel', 'fixable', '#c', 'join'],
  [':s 474 me #c :Cannot join channel (+b)', 'rejected', '#c'],
  [':s 477 me #c :You need a registered nick', 'fixable', '#c', 'identify'],
  [':s 482 me #c :You are not channel operator', 'rejected', '#c'],
  [':s 486 me bob :You must log in', 'fixable', 'bob', 'identify'],
  [':s 531 me bob :You cannot', 'rejected', 'bob'],
  [':s 599 me #c :Something new', 'rejected', '#c'],
  [':s 716 me bob :is in +g mode', 'rejected', 'bob'],
  [':s 717 me bob :has been informed', 'info', 'bob'],
  [':s 301 me bob :Gone', 'info', 'bob'],
  [':s 263 me PRIVMSG :Please wait', 'later'],
  [':s 439 me #c :Target change too fast', 'later', '#c'],
  [':s 707 me bob :Targets changing too fast', 'later', 'bob'],
  [':s 437 me #c :Temporarily unavailable', 'later', '#c'],
  [':s 001 me :Welcome', 'none'],
  [':s 372 me :- motd', 'none'],
  [':a!b@c PRIVMSG #c :hi', 'none'],
  ['FAIL PRIVMSG INVALID_UTF8 :bad', 'rejected'],
  ['FAIL BATCH MULTILINE_MAX_BYTES 4096 :too long', 'rejected'],
  ['FAIL BATCH MULTILINE_INVALID_TARGET #a #b :no', 'rejected', '#a'],
  ['FAIL REDACT UNKNOWN_MSGID #c abc :no', 'rejected', '#c'],
  ['FAIL CHATHISTORY INVALID_TARGET LATEST #c :no', 'rejected', '#c'],
  ['FAIL PRIVMSG RATE_LIMITED BOB :slow down', 'later', 'BOB'],
  ['FAIL PRIVMSG ACCOUNT_REQUIRED * :log in', 'fixable', undefined, 'identify'],
  ['WARN PRIVMSG X :hm', 'info'],
  ['401', 'rejected'],
  ['FAIL', 'rejected'],
]

it.each(cases)('%s is %s', (line, kind, target, fix) => {
  const m = parseLine(line)
  const reply = classify(m?.command ?? '', m?.params ?? [])
  expect({ class: reply.class, target: reply.target, fix: reply.fix }).toEqual({
    class: kind,
    target,
    fix,
  })
  expect(reply.text).toBe(m?.params.at(-1) ?? '')
})
