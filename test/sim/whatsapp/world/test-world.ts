import { afterEach } from 'vitest'
import type { SimAccount } from './account.ts'
import type { WorldOptions } from './index.ts'
import { SimWorld } from './index.ts'
import { TestDevice } from './test-device.ts'

const worlds: SimWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop()
})

export type Two = { world: SimWorld; alice: TestDevice; bob: TestDevice; a: SimAccount; b: SimAccount }

export async function startWorld(options: WorldOptions = {}): Promise<SimWorld> {
  const world = await SimWorld.start(options)
  worlds.push(world)
  return world
}

/** A world with the phones of Alice (111, LID 9111) and Bob (222). */
export async function twoPeople(options: WorldOptions = {}): Promise<Two> {
  const world = await startWorld(options)
  const a = world.account({ phone: '111', name: 'Alice' })
  const b = world.account({ phone: '222', name: 'Bob' })
  return { world, a, b, alice: new TestDevice(world, a), bob: new TestDevice(world, b) }
}
