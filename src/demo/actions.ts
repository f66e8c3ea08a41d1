import { z } from 'zod'
import { action } from './action.ts'
import type { Actions } from './action.ts'
import type { Board } from './board.ts'
import { matrixActions, send } from './matrix-actions.ts'
import { SIDES } from './side.ts'
import type { SideId } from './side.ts'

const LONGEST_OUTAGE_MS = 60_000
const BURST = 10

/** Everything that can be asked for with `POST /api/<name>`. */
export function actionsOf(board: Board): Actions {
  return {
    outage: action(
      z.object({ kind: z.enum([...SIDES, 'homeserver']), ms: z.int().min(100).max(LONGEST_OUTAGE_MS) }),
      async ({ kind, ms }) => board.outages.begin(kind, ms),
    ),
    burst: action(z.object({ room: z.string(), side: z.enum(SIDES), place: z.string() }), (input) =>
      burst(board, input),
    ),
    ...under('matrix', matrixActions(board)),
    ...Object.assign({}, ...board.world.sides.map(({ id, actions }) => under(id, actions))),
  }
}

const under = (side: string, actions: Actions): Actions =>
  Object.fromEntries(Object.entries(actions).map(([name, run]) => [`${side}/${name}`, run]))

/** Numbered lines in both directions at once, so that everybody can see their order. */
async function burst(board: Board, where: { room: string; side: SideId; place: string }): Promise<void> {
  const side = board.side(where.side)
  for (let i = 1; i <= BURST; i += 1) {
    const text = `line ${i} of ${BURST}`
    await side.say(where.place, text)
    if (!board.outages.isDown('homeserver')) await send(board, { room: where.room, text })
  }
}
