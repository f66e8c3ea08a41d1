import { describe, expect, it } from 'vitest'
import { Isupport } from '../../../../src/networks/irc/isupport.ts'

const after = (...lines: string[]) => {
  const isupport = new Isupport()
  for (const line of lines) isupport.apply(line.split(' '))
  return isupport
}

describe('Isupport', () => {
  it('has defaults before 005', () => {
    expect(new Isupport()).toMatchObject({
      casemap: 'rfc1459',
      lineLen: 512,
      userLen: 10,
      hostLen: 63,
      chanTypes: '#&',
      statusMsg: '',
      prefix: [
        { mode: 'o', symbol: '@' },
        { mode: 'v', symbol: '+' },
      ],
      maxTargets: 1,
      monitor: undefined,
      chatHistory: undefined,
      msgRefTypes: [],
      utf8Only: false,
    })
  })

  it('reads what servers send', () => {
    const isupport = after(
      'AWAYLEN=390 CASEMAPPING=ascii CHANLIMIT=#:100 CHANMODES=Ibe,k,fl,CEMRUimnstu CHANNELLEN=64 CHANTYPES=#',
      'CHATHISTORY=1000 EXCEPTS INVEX KICKLEN=391 MODES=4 MONITOR=100 MSGREFTYPES=msgid,timestamp NETWORK=Ergo\\x20Test',
      'NICKLEN=32 PREFIX=(qaohv)~&@%+ STATUSMSG=~&@%+ TARGMAX=NAMES:1,PRIVMSG:4,MONITOR: TOPICLEN=390 UTF8ONLY BOT=B',
      'are supported by this server',
    )
    expect(isupport).toMatchObject({
      awayLen: 390,
      casemap: 'ascii',
      chanModes: { A: 'Ibe', B: 'k', C: 'fl', D: 'CEMRUimnstu' },
      channelLen: 64,
      chatHistory: 1000,
      kickLen: 391,
      modesPerLine: 4,
      monitor: 100,
      msgRefTypes: ['msgid', 'timestamp'],
      network: 'Ergo Test',
      nickLen: 32,
      maxTargets: 4,
      topicLen: 390,
      utf8Only: true,
      bot: 'B',
    })
    expect(isupport.prefix.map((p) => p.mode).join('')).toBe('qaohv')
    expect(isupport.isChannel('#a')).toBe(true)
    expect(isupport.isChannel('&a')).toBe(false)
    expect(isupport.isChannel('')).toBe(false)
    expect(isupport.statusTarget('@+#a')).toEqual({ status: '@+', channel: '#a' })
    expect(isupport.statusTarget('#a')).toBeUndefined()
    expect(isupport.statusTarget('@nick')).toBeUndefined()
  })

  it('takes tokens back', () => {
    const isupport = after('CASEMAPPING=ascii NICKLEN=9 UTF8ONLY', '-CASEMAPPING -UTF8ONLY')
    expect(isupport).toMatchObject({ casemap: 'rfc1459', nickLen: 9, utf8Only: false })
  })

  it.each([
    ['MONITOR', { monitor: Number.POSITIVE_INFINITY }],
    ['CHATHISTORY=0', { chatHistory: Number.POSITIVE_INFINITY }],
    ['PREFIX=', { prefix: [] }],
    ['PREFIX=(ov)@', { prefix: [{ mode: 'o', symbol: '@' }] }],
    ['CHANTYPES=', { chanTypes: '' }],
    ['LINELEN=2048', { lineLen: 2048 }],
    ['LINELEN=-5', { lineLen: 512 }],
    ['NICKLEN=x', { nickLen: 30 }],
    ['TARGMAX=PRIVMSG:,NOTICE:1', { maxTargets: Number.POSITIVE_INFINITY }],
  ])('reads %s', (line, expected) => {
    expect(after(line)).toMatchObject(expected)
  })

  it.each([
    ['', { typing: true, 'draft/react': true }],
    ['CLIENTTAGDENY=*', { typing: false, 'draft/react': false }],
    ['CLIENTTAGDENY=*,-draft/react', { typing: false, 'draft/react': true }],
    ['CLIENTTAGDENY=typing', { '+typing': false, '+draft/react': true }],
  ])('asks %j which tags pass', (line, expected) => {
    const { clientTagDeny } = after(line)
    for (const [tag, allowed] of Object.entries(expected)) expect(clientTagDeny.allows(tag)).toBe(allowed)
  })
})
