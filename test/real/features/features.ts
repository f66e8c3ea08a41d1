import { afterAll, beforeAll, describe } from 'vitest'
import { aboutFeatures } from './about.ts'
import { mediaFeatures } from './media.ts'
import { pollFeatures } from './polls.ts'
import { memberFeatures } from './members.ts'
import { relayFeatures } from './relay.ts'
import { retryFeatures } from './retry.ts'
import { Scene } from './scene.ts'
import { textFeatures } from './text.ts'
import { togetherFeatures } from './together.ts'
import type { Tier } from './tiers.ts'

/** Everything that two people on Matrix and two on IRC do with each other, on one server. */
export function features(tier: Tier): void {
  describe(tier.name, () => {
    let open: Scene | undefined
    const scene = (): Scene => {
      if (open === undefined) throw new Error('the scene is not set')
      return open
    }

    beforeAll(async () => {
      open = await Scene.open(tier)
    })

    afterAll(() => open?.close())

    textFeatures(scene, tier)
    aboutFeatures(scene)
    mediaFeatures(scene)
    pollFeatures(scene)
    memberFeatures(scene)
    retryFeatures(scene)
    relayFeatures(scene)
    togetherFeatures(scene)
  })
}
