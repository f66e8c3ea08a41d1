import type { Connector } from '../model/network.ts'
import type { Actions } from './action.ts'
import type { DeliveryIndex } from './deliveries.ts'
import type { Attachment, Conversation } from './item.ts'
import type { Talk } from './talk.ts'

export const SIDES = ['irc', 'telegram', 'whatsapp'] as const
export type SideId = (typeof SIDES)[number]

/** A conversation of a side, by the id that the ledger has for it. */
export type Place = Pick<Conversation, 'name' | 'kind' | 'network' | 'under' | 'about'> & { id: string }

/** A network beside Matrix: its servers, the people on it with their clients, and what they can do. */
export type Side = {
  readonly id: SideId
  /** Whether the page comes up before Alice is there: it takes its time, and the rest need not wait for it. */
  readonly isLate?: boolean
  readonly connector: Connector
  /** In the order in which they are shown. */
  readonly places: readonly Place[]
  /** What its people do; the name of the side comes before theirs. */
  readonly actions: Actions
  /** Brings Alice there: she talks to the bot. */
  welcome(talk: Talk): Promise<void>
  /** What its people see, with what became of it. */
  conversations(index: DeliveryIndex): Conversation[]
  /** The first of its people says something. */
  say(place: string, text: string): Promise<void> | void
  /** Where people send files. */
  attach?(file: Attachment): Promise<unknown>
  /** The bytes of a file that people there see. */
  media?(id: string): Promise<Uint8Array | undefined> | Uint8Array | undefined
  /** Takes it away from the bridge, until `mend`. */
  cut(): void
  mend(): void
  stop(): Promise<void>
}
