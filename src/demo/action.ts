import type { z } from 'zod'
import type { Board } from './board.ts'

/** Something that a button of the page does. It throws what the person is to read. */
export type Action = (board: Board, input: unknown) => Promise<unknown>

/** An action whose input is checked first. */
export function action<T extends z.ZodType>(
  input: T,
  run: (board: Board, input: z.infer<T>) => Promise<unknown>,
): Action {
  return async (board, given) => run(board, input.parse(given))
}

/** What the person at the page asked for and cannot have; the message is for them. */
export class Unable extends Error {}
