import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChannelFeed } from '../../../../src/networks/irc/channel.ts'
import { Witnesses } from '../../../../src/networks/irc/witness.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

type Member = { name: string; seen: number }

test('whatever the connections see first and whoever goes, each line is taken once and in order', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ see: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ lose: fc.nat(3) }) },
  )
  const lines = fc.array(fc.constantFrom('a', 'b'), { maxLength: 40 })
  fc.assert(
    fc.property(lines, fc.array(step, { maxLength: 200 }), (said, steps) => {
      const feed = new ChannelFeed<Member>(new ManualClock(), () => undefined)
      const members = [0, 1, 2, 3].map((n) => ({ name: String(n), seen: 0 }))
      for (const member of members) feed.join(member)
      const taken: number[] = []
      const see = (member: Member) => {
        const at = member.seen++
        const text = said[at]
        // Texts repeat, so only their order tells them apart.
        if (text !== undefined) feed.offer(member, text, () => taken.push(at))
      }
      for (const each of steps) {
        if ('see' in each) {
          const member = members[each.see]
          if (member !== undefined && feed.members.includes(member)) see(member)
        } else {
          const member = members[each.lose]
          if (member !== undefined && feed.members.length > 1) feed.leave(member)
        }
      }
      const [rest] = feed.members
      for (const member of feed.members) while (member.seen < said.length) see(member)
      expect(rest).toBeDefined()
      expect(taken.map((at) => said[at])).toEqual(said)
    }),
  )
})

test('a witness who saw the line says yes; one who saw only the writer go says no; others know nothing', async () => {
  const clock = new ManualClock()
  const witnesses = new Witnesses(clock)
  const [writer, carol, late] = [{}, {}, {}]
  witnesses.joined(writer)
  witnesses.joined(carol)
  await clock.advance(10)
  const at = clock.now()
  await clock.advance(10)
  witnesses.joined(late)
  expect(witnesses.ask(writer, 'alice', 'hi', at).seen).toBe('unknown')
  witnesses.sawGone(late, 'alice')
  expect(witnesses.ask(writer, 'alice', 'hi', at).seen).toBe('unknown')
  witnesses.sawGone(carol, 'alice')
  expect(witnesses.ask(writer, 'alice', 'hi', at).seen).toBe('no')
  witnesses.saw(carol, 'alice', 'hi')
  expect(witnesses.ask(writer, 'alice', 'hi', at).seen).toBe('yes')
  // The same text was sent before, and is known to have come through: the sighting may be that one's.
  witnesses.accepted('alice', 'hi')
  expect(witnesses.ask(writer, 'alice', 'hi', at).seen).toBe('no')
})
