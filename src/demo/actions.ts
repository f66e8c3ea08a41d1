import { z } from 'zod'
import { action } from './action.ts'
import type { Action } from './action.ts'
import { ircActions, say } from './irc-actions.ts'
import { matrixActions, send } from './matrix-actions.ts'
import type { Board } from './board.ts'

const LONGEST_OUTAGE_MS = 60_000
const BURST = 10

const world: Readonly<Record<string, Action>> = {
  outage: action(
    z.object({ kind: z.enum(['irc', 'homeserver']), ms: z.int().min(100).max(LONGEST_OUTAGE_MS) }),
    async (board, { kind, ms }) => board.outages.begin(kind, ms),
  ),
  burst: action(z.object({ room: z.string(), irc: z.string() }), burst),
}

/** Numbered lines in both directions at once, so that everybody can see their order. */
async function burst(board: Board, where: { room: string; irc: string }): Promise<void> {
  for (let i = 1; i <= BURST; i += 1) {
    const text = `line ${i} of ${BURST}`
    say(board, { place: where.irc, nick: 'Bob', text })
    if (!board.outages.isDown('homeserver')) await send(board, { room: where.room, text })
  }
}

/** Everything that can be asked for with `POST /api/<name>`. */
export const ACTIONS: Readonly<Record<string, Action>> = { ...world, ...matrixActions, ...ircActions }
