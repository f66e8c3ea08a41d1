import { describe, expect, it } from 'vitest'
import { PaceQueue } from '../../../../src/networks/irc/pace-queue.ts'
import { PACES, Pacer, paceFor } from '../../../../src/networks/irc/pace.ts'

const at = (ms: number) => new Date(1_000_000 + ms)

/** Takes lines as fast as the pacer lets it, and gives the times. */
function times(pacer: Pacer, count: number, from = 0): number[] {
  let now = from
  return Array.from({ length: count }, () => {
    for (let wait = pacer.take(1, at(now)); wait > 0; wait = pacer.take(1, at(now))) now += wait
    return now
  })
}

describe('Pacer', () => {
  it('bursts once, then keeps the rate', () => {
    expect(times(new Pacer(at(0)), 7)).toEqual([0, 0, 0, 0, 1200, 2400, 3600])
    expect(times(new Pacer(at(0), PACES.inspircd), 10)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1000, 2000])
  })

  it('saves up no more than a burst', () => {
    const pacer = new Pacer(at(0), PACES.inspircd)
    times(pacer, 8)
    expect(times(pacer, 10, 3_600_000).map((t) => t - 3_600_000)).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 1000, 2000,
    ])
  })

  it('asks without taking', () => {
    const pacer = new Pacer(at(0))
    for (let n = 0; n < 10; n++) expect(pacer.waitMs(1, at(0))).toBe(0)
    expect(pacer.waitMs(4, at(0))).toBe(0)
  })

  it('lets costly lines go from a full bucket and has the next ones wait', () => {
    const pacer = new Pacer(at(0), { burst: 4, perSecond: 1 })
    expect(pacer.take(6, at(0))).toBe(0)
    expect(pacer.take(1, at(0))).toBe(3000)
    expect(pacer.take(6, at(0))).toBe(6000)
  })

  it('lets urgent lines go, which others pay for', () => {
    const pacer = new Pacer(at(0), { burst: 2, perSecond: 1 })
    times(pacer, 2)
    pacer.force(1, at(0))
    expect(pacer.take(1, at(0))).toBe(2000)
    pacer.force(1000, at(0))
    expect(pacer.take(1, at(0))).toBe(3000)
  })

  it('halves the rate when a fence is slow, once for each jam', () => {
    const pacer = new Pacer(at(0), PACES.ergo)
    pacer.fence(at(0), at(3_000))
    expect(pacer.learned.perSecond).toBe(2)
    pacer.fence(at(0), at(3_001))
    expect(pacer.learned.perSecond).toBe(1)
    pacer.fence(at(1_000), at(5_000))
    expect(pacer.learned.perSecond).toBe(1)
    pacer.fence(at(6_000), at(10_000))
    expect(pacer.learned.perSecond).toBe(0.5)
    expect(pacer.take(1, at(10_000))).toBeGreaterThan(0)
  })

  it('recovers slowly, up to what the server takes', () => {
    const pacer = new Pacer(at(0), PACES.ergo)
    pacer.fence(at(0), at(4_000))
    pacer.fence(at(200_000), at(200_100))
    expect(pacer.learned.perSecond).toBe(1)
    pacer.fence(at(304_000), at(304_100))
    expect(pacer.learned.perSecond).toBeCloseTo(1.1)
    pacer.fence(at(305_000), at(305_100))
    expect(pacer.learned.perSecond).toBeCloseTo(1.1)
    for (let n = 1; n < 50; n++) pacer.fence(at(400_000 * n), at(400_000 * n + 1))
    expect(pacer.learned.perSecond).toBe(2)
  })

  it('never stops', () => {
    const pacer = new Pacer(at(0))
    for (let n = 0; n < 50; n++) pacer.excessFlood(at(n))
    expect(pacer.learned).toEqual({ burst: 1, perSecond: 0.1 })
    expect(times(pacer, 2)).toHaveLength(2)
  })

  it('hands what it learned to the next connection, and keeps it when the server is known', () => {
    const pacer = new Pacer(at(0), PACES.inspircd)
    pacer.excessFlood(at(0))
    const next = new Pacer(at(0), PACES.inspircd, pacer.learned)
    expect(next.learned).toEqual({ burst: 4, perSecond: 0.5 })
    next.use(PACES.ergo)
    expect(next.learned).toEqual({ burst: 4, perSecond: 0.5 })
    const fresh = new Pacer(at(0))
    fresh.use(PACES.inspircd)
    expect(fresh.learned).toEqual(PACES.inspircd)
    expect(fresh.waitMs(8, at(0))).toBeGreaterThan(0)
  })

  it('bears a clock that is set back', () => {
    const pacer = new Pacer(at(100_000), { burst: 1, perSecond: 1 })
    expect(pacer.take(1, at(100_000))).toBe(0)
    expect(pacer.take(1, at(0))).toBe(1000)
    expect(pacer.take(1, at(1000))).toBe(0)
  })

  it.each([
    ['InspIRCd-3', PACES.inspircd],
    ['ergo-2.11.1', PACES.ergo],
    ['ngIRCd-26.1', PACES.ngircd],
    ['ircd-hybrid-8.2.43', PACES.hybrid],
    ['solanum-1.0', PACES.unknown],
  ])('knows %s', (version, pace) => {
    expect(paceFor(version)).toBe(pace)
  })
})

describe('PaceQueue', () => {
  function setUp(burst = 1) {
    let now = 0
    let timer: { at: number; fn: () => void } | undefined
    const clock = {
      now: () => at(now),
      after(ms: number, fn: () => void) {
        const mine = { at: now + ms, fn }
        timer = mine
        return () => {
          if (timer === mine) timer = undefined
        }
      },
    }
    const queue = new PaceQueue(clock, { burst, perSecond: 1 })
    const log: string[] = []
    const push = (priority: Parameters<PaceQueue['push']>[0], name: string) =>
      queue.push(priority, () => log.push(`${now} ${name}`), { drop: () => log.push(`${now} drop ${name}`) })
    const run = () => {
      while (timer !== undefined) {
        const due = timer
        timer = undefined
        now = due.at
        due.fn()
      }
    }
    return { queue, log, push, run }
  }

  it('writes by priority, in order within one, at the pace', () => {
    const { queue, log, push, run } = setUp()
    push('message', 'm1')
    push('message', 'm2')
    push('message', 'm3')
    push('control', 'join')
    push('fence', 'ping')
    push('urgent', 'pong')
    expect(queue.length).toBe(4)
    run()
    expect(log).toEqual(['0 m1', '0 pong', '2000 ping', '3000 join', '4000 m2', '5000 m3'])
    expect(queue.length).toBe(0)
  })

  it('drops hints that went stale', () => {
    const { log, push, run } = setUp()
    for (const name of ['a', 'b', 'c', 'd', 'e']) push('message', name)
    push('hint', 'typing')
    run()
    expect(log).toEqual(['0 a', '1000 b', '2000 c', '3000 d', '4000 drop typing', '4000 e'])
  })

  it('drops everything when it is closed', () => {
    const { queue, log, push, run } = setUp()
    push('message', 'a')
    push('message', 'b')
    queue.close()
    push('message', 'c')
    run()
    expect(log).toEqual(['0 a', '0 drop b', '0 drop c'])
  })
})
