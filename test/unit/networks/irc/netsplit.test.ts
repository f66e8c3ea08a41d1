import { describe, expect, it } from 'vitest'
import { SplitTracker, isSplitReason } from '../../../../src/networks/irc/netsplit.ts'

it.each([
  ['*.net *.split', true],
  ['irc.one.org irc-2.two.net', true],
  ['*.net *.net', true],
  ['irc.one.org irc.one.org', false],
  ['Quit: irc.one.org irc.two.org', false],
  ['bye bye', false],
  ['see example.org', false],
  ['irc.one.org', false],
  ['a.b c.d e.f', false],
  ['http://a.b http://c.d', false],
  ['', false],
  [`${'a.'.repeat(200)}b c.d`, false],
])('%j is a netsplit: %s', (reason, split) => {
  expect(isSplitReason(reason)).toBe(split)
})

describe('SplitTracker', () => {
  const at = (minutes: number) => new Date(minutes * 60_000)
  const reason = 'a.b c.d'

  it('lets those leave who have not come back after 30 minutes', () => {
    const tracker = new SplitTracker()
    tracker.hold('alice', ['#a', '#b'], reason, at(0))
    tracker.hold('bob', ['#a'], reason, at(1))
    expect(tracker.isHeld('alice', '#a')).toBe(true)
    expect(tracker.rejoined('alice', '#a')).toBe(true)
    expect(tracker.rejoined('alice', '#a')).toBe(false)
    expect(tracker.nextDue()).toEqual(at(30))
    expect(tracker.due(at(29.9))).toEqual([])
    expect(tracker.due(at(30))).toEqual([{ nick: 'alice', channel: '#b', reason }])
    expect(tracker.due(at(31))).toEqual([{ nick: 'bob', channel: '#a', reason }])
    expect(tracker.due(at(99))).toEqual([])
    expect(tracker.nextDue()).toBeUndefined()
  })

  it('tells of a split once in each channel', () => {
    const tracker = new SplitTracker()
    expect(tracker.hold('alice', ['#a', '#b'], reason, at(0))).toEqual(['#a', '#b'])
    tracker.rejoined('alice', '#a')
    expect(tracker.hold('bob', ['#a', '#c'], reason, at(1))).toEqual(['#c'])
    expect(tracker.hold('eve', ['#a'], 'x.y z.w', at(1))).toEqual(['#a'])
    tracker.due(at(60))
    expect(tracker.hold('bob', ['#a'], reason, at(61))).toEqual(['#a'])
  })

  it('forgets what a list of names has settled', () => {
    const tracker = new SplitTracker()
    tracker.hold('alice', ['#a', '#b'], reason, at(0))
    tracker.settle('#a')
    expect(tracker.due(at(60)).map((held) => held.channel)).toEqual(['#b'])
  })
})
