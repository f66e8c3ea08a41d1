import { IrcClient } from '../servers/irc-client.ts'
import { IrcView } from '../support/irc-view.ts'
import type { MatrixView } from '../support/matrix-view.ts'
import type { Person } from '../support/person.ts'
import { World } from '../world.ts'
import { Talk } from './talk.ts'
import type { Tier } from './tiers.ts'

export const CHANNEL = '#tea'
/** The shared connection is there, so that people without a login can speak. */
export const RELAYED = '#relayed'

/** Alice and carol on Matrix, both with a login; bob and dave on IRC. All are in one channel, and each pair talks alone. */
export class Scene {
  readonly tier: Tier
  readonly world: World
  readonly alice: Person
  readonly carol: Person
  readonly bob: IrcClient
  readonly dave: IrcClient
  readonly channel: Talk
  /** Alice and bob, begun by alice. */
  readonly direct: Talk
  /** Carol and dave, begun by dave. */
  readonly otherDirect: Talk
  /** What each of the four sees of the channel. */
  readonly views: {
    readonly alice: MatrixView
    readonly carol: MatrixView
    readonly bob: IrcView
    readonly dave: IrcView
  }

  private constructor(
    all: Pick<
      Scene,
      'tier' | 'world' | 'alice' | 'carol' | 'bob' | 'dave' | 'channel' | 'direct' | 'otherDirect' | 'views'
    >,
  ) {
    this.tier = all.tier
    this.world = all.world
    this.alice = all.alice
    this.carol = all.carol
    this.bob = all.bob
    this.dave = all.dave
    this.channel = all.channel
    this.direct = all.direct
    this.otherDirect = all.otherDirect
    this.views = all.views
  }

  static async open(tier: Tier): Promise<Scene> {
    const ircd = await tier.start()
    const world = await World.start({
      ircd,
      database: 'debian',
      channels: [RELAYED],
      // The servers take everything at once. All members are shown, so that coming and going is seen.
      network: { members: 'full', pace: { burst: 1000, per_second: 1000 } },
    })
    const caps = tier.tags ? 'all' : []
    const bob = await IrcClient.connect({ port: ircd.port, nick: 'bob', caps })
    const dave = await IrcClient.connect({ port: ircd.port, nick: 'dave', caps })
    // Whoever comes first is the channel's operator.
    await bob.join(CHANNEL)
    await dave.join(CHANNEL)
    const alice = await world.person('alice')
    await alice.logIn()
    const carol = await world.person('carol')
    await carol.logIn()

    const [seenByAlice, seenByCarol] = [await alice.enter(CHANNEL), await carol.enter(CHANNEL)]
    const [seenByBob, seenByDave] = [new IrcView(bob, CHANNEL), new IrcView(dave, CHANNEL)]
    const channel = new Talk({
      tier,
      person: alice,
      contact: bob,
      target: CHANNEL,
      seenByPerson: seenByAlice,
      seenByContact: seenByBob,
      onlookers: { matrix: seenByCarol, irc: seenByDave },
    })
    bob.say(CHANNEL, 'all here?')
    await Promise.all([seenByAlice, seenByCarol, seenByDave].map((view) => view.skipTo(/^<bob> all here/)))

    await alice.ask('start-chat bob', 'is on the way')
    const direct = new Talk({
      tier,
      person: alice,
      contact: bob,
      target: 'alice',
      seenByPerson: await alice.acceptInvite(),
      seenByContact: new IrcView(bob, 'alice'),
    })
    bob.say('alice', 'only us?')
    await direct.onMatrix.skipTo(/^<bob> only us/)
    dave.say('carol', 'psst')
    const otherDirect = new Talk({
      tier,
      person: carol,
      contact: dave,
      target: 'carol',
      seenByPerson: await carol.acceptInvite(),
      seenByContact: new IrcView(dave, 'carol'),
    })
    dave.say('carol', 'only us?')
    await otherDirect.onMatrix.skipTo(/^<dave> only us/)
    const views = { alice: seenByAlice, carol: seenByCarol, bob: seenByBob, dave: seenByDave }
    return new Scene({ tier, world, alice, carol, bob, dave, channel, direct, otherDirect, views })
  }

  async close(): Promise<void> {
    this.bob.destroy()
    this.dave.destroy()
    await this.world.stop()
  }
}

export const KINDS = ['channel', 'direct'] as const
