import { createRequire } from 'node:module'

const { userOnly } = createRequire(import.meta.url)('@mtcute/core/tl/raw-errors.json') as {
  userOnly: Readonly<Record<string, unknown>>
}

/** Whether the real service refuses a method to bots. */
export const isForPeople = (method: string): boolean => method in userOnly
