import { ViaductError } from '../../model/errors.ts'
import type { Direction } from '../../model/delivery.ts'
import type { PortalId } from '../../model/ids.ts'
import type { Clock } from '../../model/clock.ts'
import type { ChatSettings } from '../../model/remote-event.ts'
import type { Database } from '../../store/db.ts'
import { insertDeliveries } from '../../store/delivery.ts'
import type { StoredSettings } from '../stored.ts'
import type { Command } from './command.ts'

const WAYS: Readonly<Record<string, ChatSettings>> = {
  mute: { mute: 'forever' },
  unmute: { mute: 'off' },
  archive: { archived: true },
  unarchive: { archived: false },
  favourite: { favourite: true },
  unfavourite: { favourite: false },
  unread: { unread: true },
  read: { unread: false },
}

/**
 * How a conversation is put away on the network. Homeservers tell appservices nothing of a person's own settings, so it has to
 * be said; it goes the way of a message, so that it waits for the network and fails with a reason.
 */
export function putAwayCommand(deps: {
  db: Database
  clock: Clock
  wake: (direction: Direction, portal: PortalId) => void
}): Command {
  const ways = Object.keys(WAYS)
  return {
    name: 'chat',
    usage: `chat ${ways.join('|')}`,
    help: 'put a conversation away on its network as well; said in its room',
    needs: 'user',
    async run({ portal, user, event }, [way = '']) {
      if (portal.network === 'viaduct')
        throw new ViaductError('bad_request', 'Say this in the room it is about.')
      const settings = Object.hasOwn(WAYS, way) ? WAYS[way] : undefined
      if (!settings) throw new ViaductError('bad_request', `Say "chat" and one of: ${ways.join(', ')}`)
      const lanes = await insertDeliveries(deps.db, [
        {
          direction: 'to_remote',
          portal: portal.id,
          sourceId: event,
          kind: 'settings',
          sender: user,
          body: { settings } satisfies StoredSettings,
          at: deps.clock.now(),
        },
      ])
      for (const lane of lanes) deps.wake(lane.direction, lane.portal)
      return 'The network is being told.'
    },
  }
}
