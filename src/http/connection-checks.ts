import type { Connector } from '../model/network.ts'
import type { Check } from './ops.ts'

/** Shared connections by name; people's logins are only counted, for nobody is asked who they are before they see this. */
export function connectionChecks(connector: Pick<Connector, 'network' | 'status'>): Check[] {
  const all = connector.status()
  const shared = all.flatMap(({ login, label, state, text }): Check[] =>
    login === undefined
      ? [
          {
            name: `${connector.network} ${label}`,
            ok: state === 'connected',
            required: false,
            text: text ?? state,
          },
        ]
      : [],
  )
  const states = all.flatMap(({ login, state }) => (login === undefined ? [] : [state]))
  if (states.length === 0) return shared
  const counts = [...new Set(states)].map(
    (state) => `${states.filter((each) => each === state).length} ${state}`,
  )
  const ok = states.every((state) => state === 'connected')
  return [...shared, { name: `${connector.network} logins`, ok, required: false, text: counts.join(', ') }]
}
