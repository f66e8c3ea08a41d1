/** What a line of the server means for something that we sent. */
export type Reply = {
  /**
   * `rejected`: will not be taken; `later`: would be taken after a while; `fixable`: would be taken after `fix`; `info`:
   * was taken, and there is something to say; `none`: says nothing about what was sent.
   */
  class: 'rejected' | 'later' | 'fixable' | 'info' | 'none'
  /** The channel or nick it is about, as the server writes it. */
  target?: string
  /** The server's words. */
  text: string
  /** That of a FAIL. */
  code?: string
  fix?: 'join' | 'plain' | 'identify'
}

type Rule = Pick<Reply, 'class' | 'fix'> & {
  /** The numeric names no channel or nick of ours. */
  anonymous?: true
}

const REJECTED: Rule = { class: 'rejected' }
const ANONYMOUS: Rule = { class: 'rejected', anonymous: true }
const NONE: Rule = { class: 'none' }

const RULES: Readonly<Record<string, Rule>> = {
  '263': { class: 'later', anonymous: true },
  '301': { class: 'info' },
  '401': REJECTED,
  '402': REJECTED,
  '403': REJECTED,
  '404': REJECTED,
  '405': REJECTED,
  '406': NONE,
  '407': REJECTED,
  '408': { class: 'fixable', fix: 'plain' },
  '411': ANONYMOUS,
  '412': ANONYMOUS,
  '413': REJECTED,
  '414': REJECTED,
  '415': REJECTED,
  '417': ANONYMOUS,
  '421': ANONYMOUS,
  '422': NONE,
  // About a nick that we want, which may also be one that we write to.
  '431': NONE,
  '432': NONE,
  '433': NONE,
  '436': NONE,
  '437': { class: 'later' },
  '439': { class: 'later' },
  '442': { class: 'fixable', fix: 'join' },
  '451': { class: 'later', anonymous: true },
  '461': ANONYMOUS,
  '462': NONE,
  '464': NONE,
  '465': NONE,
  '471': REJECTED,
  '473': REJECTED,
  '474': REJECTED,
  '475': REJECTED,
  '477': { class: 'fixable', fix: 'identify' },
  '481': ANONYMOUS,
  '482': REJECTED,
  '486': { class: 'fixable', fix: 'identify' },
  '489': REJECTED,
  '491': NONE,
  '492': REJECTED,
  '501': NONE,
  '502': NONE,
  '531': REJECTED,
  '707': { class: 'later' },
  '716': REJECTED,
  '717': { class: 'info' },
}

/** 404 has many reasons; where the words tell which, something can be done. */
const REASONS_OF_404: readonly [RegExp, NonNullable<Reply['fix']>][] = [
  [/colou?r|formatting|control code/i, 'plain'],
  [/identif|register|logged in|account/i, 'identify'],
  [/external|outside|not (?:in|on|joined|a member)|\(\+n\)|must (?:be in|join)/i, 'join'],
]

const LATER_CODES = new Set(['RATE_LIMITED', 'TEMPORARILY_UNAVAILABLE', 'TRY_AGAIN', 'THROTTLED'])
const ACCOUNT_CODES = new Set([
  'ACCOUNT_REQUIRED',
  'NEED_REGISTRATION',
  'NEED_IDENTIFICATION',
  'NOT_LOGGED_IN',
])

/** Classifies a numeric or a standard reply by its parameters as received, our own nick first in numerics. Total. */
export function classify(command: string, params: string[]): Reply {
  const text = params.at(-1) ?? ''
  if (command === 'FAIL') return classifyFail(params)
  if (command === 'WARN' || command === 'NOTE') return { class: 'info', text }
  const rule = ruleOf(command)
  if (rule.class === 'none') return { class: 'none', text }
  const target = rule.anonymous === true || params.length < 3 ? undefined : params[1]
  const [, fix] = command === '404' ? (REASONS_OF_404.find(([words]) => words.test(text)) ?? []) : []
  return {
    class: fix === undefined ? rule.class : 'fixable',
    text,
    ...(target === undefined ? {} : { target }),
    ...withFix(fix ?? rule.fix),
  }
}

/** Numerics of 400 to 599 that no table has are errors all the same. */
function ruleOf(command: string): Rule {
  return RULES[command] ?? (/^[45]\d\d$/.test(command) ? REJECTED : NONE)
}

const withFix = (fix: Reply['fix']) => (fix === undefined ? {} : { fix })

/** `FAIL <command> <code> [<context>...] :<words>`; the context may hold limits and subcommands beside a target. */
function classifyFail(params: string[]): Reply {
  const [about, code = '', ...context] = params
  const text = context.pop() ?? code
  const noTarget = about === 'CHATHISTORY' ? /^(?:[\d*]|[A-Z]+$)/ : /^[\d*]/
  const target = context.find((word) => !noTarget.test(word))
  const base = { text, code, ...(target === undefined ? {} : { target }) }
  if (LATER_CODES.has(code)) return { class: 'later', ...base }
  if (ACCOUNT_CODES.has(code)) return { class: 'fixable', fix: 'identify', ...base }
  return { class: 'rejected', ...base }
}
