import type { Account, Ircd } from '../ircd.ts'
import type { Session } from '../session.ts'
import type { CommandTable } from './command.ts'

export const saslCommands: CommandTable = { AUTHENTICATE: { min: 1, early: true, run: authenticate } }

const FAILURES: Record<string, string> = {
  '902': 'You must use a nick assigned to you',
  '904': 'SASL authentication failed',
  '905': 'SASL message too long',
  '906': 'SASL authentication aborted',
  '907': 'You have already authenticated using SASL',
}

/** https://ircv3.net/specs/extensions/sasl-3.2: data comes in chunks of 400 bytes, of which a shorter one is the last. */
function authenticate(ircd: Ircd, me: Session, [text = '']: readonly string[]): void {
  if (!me.caps.has('sasl')) return me.numeric('421', 'AUTHENTICATE', 'Unknown command')
  if (me.sasl === undefined) return start(ircd, me, text.toUpperCase())
  if (text === '*') return fail(ircd, me, '906')
  if (text.length > 400) return fail(ircd, me, '905')
  if (text !== '+') me.sasl.data += text
  return text.length === 400 ? undefined : finish(ircd, me, me.sasl)
}

function start(ircd: Ircd, me: Session, mechanism: string): void {
  if (me.account !== undefined && !me.registered) return fail(ircd, me, '907')
  const offered = mechanisms(ircd)
  if (!offered.includes(mechanism)) {
    me.numeric('908', offered.join(','), 'are available SASL mechanisms')
    return fail(ircd, me, '904')
  }
  me.sasl = { mechanism, data: '' }
  return me.send({ source: '', command: 'AUTHENTICATE', params: ['+'] })
}

function finish(ircd: Ircd, me: Session, { mechanism, data }: { mechanism: string; data: string }): void {
  const fault = ircd.faults.takeSaslFailure()
  if (fault !== undefined) return fail(ircd, me, fault)
  const account = mechanism === 'EXTERNAL' ? external(ircd, me, data) : plain(ircd, data)
  if (account === undefined) return fail(ircd, me, '904')
  me.sasl = undefined
  ircd.setAccount(me, account.name)
  return me.numeric('903', 'SASL authentication successful')
}

function fail(ircd: Ircd, me: Session, numeric: string): void {
  me.sasl = undefined
  if (numeric === '908') {
    me.numeric('908', mechanisms(ircd).join(','), 'are available SASL mechanisms')
    return fail(ircd, me, '904')
  }
  return me.numeric(numeric, FAILURES[numeric] ?? '')
}

function mechanisms(ircd: Ircd): string[] {
  return (ircd.caps.get('sasl') || 'PLAIN,EXTERNAL').split(',')
}

/** RFC 4616: authorization identity NUL authentication identity NUL password. */
function plain(ircd: Ircd, data: string): Account | undefined {
  const [authorize, name, password] = Buffer.from(data, 'base64').toString('utf8').split('\0')
  if (name === undefined || password === undefined) return undefined
  if (authorize !== '' && ircd.fold(authorize ?? '') !== ircd.fold(name)) return undefined
  const account = ircd.accounts.get(ircd.fold(name))
  return account?.password === password ? account : undefined
}

function external(ircd: Ircd, me: Session, data: string): Account | undefined {
  const { certfp } = me.link
  if (certfp === undefined) return undefined
  const wanted = Buffer.from(data, 'base64').toString('utf8')
  const accounts = wanted === '' ? [...ircd.accounts.values()] : [ircd.accounts.get(ircd.fold(wanted))]
  return accounts.find((account) => account?.certfps.has(certfp) === true)
}
