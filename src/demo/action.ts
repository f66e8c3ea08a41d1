import type { z } from 'zod'

/** Something that a button of the page does. It throws what the person is to read. */
export type Action = (input: unknown) => Promise<unknown>

/** By the name under which the page asks for them. */
export type Actions = Readonly<Record<string, Action>>

/** An action whose input is checked first. */
export function action<T extends z.ZodType>(input: T, run: (input: z.infer<T>) => Promise<unknown>): Action {
  return async (given) => run(input.parse(given))
}

/** What the person at the page asked for and cannot have; the message is for them. */
export class Unable extends Error {}
