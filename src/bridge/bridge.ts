import type { Clock } from '../model/clock.ts'
import { matrixEventId } from '../model/ids.ts'
import { DIRECTIONS } from '../model/delivery.ts'
import type { NetworkName, PortalId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { Connector } from '../model/network.ts'
import type { MatrixSide, PingResult } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import type { Delivery } from '../store/delivery.ts'
import type { Inbox } from '../store/inbox.ts'
import type { Vault } from '../store/session.ts'
import { Acceptor } from './accept.ts'
import { AddressBook } from './address-book.ts'
import { Attendance } from './attendance.ts'
import { accountCommands } from './commands/account-commands.ts'
import { chatCommands } from './commands/chat-commands.ts'
import type { Command } from './commands/command.ts'
import { deliveryCommands } from './commands/delivery-commands.ts'
import { helpCommand, networkCommands } from './commands/help-command.ts'
import { putAwayCommand } from './commands/put-away-command.ts'
import { Commands } from './commands/index.ts'
import { Directory } from './directory.ts'
import { Ephemeral } from './ephemeral.ts'
import { Continuity } from './continuity.ts'
import { GapScan } from './gap-scan.ts'
import { HomeserverWatch } from './homeserver-watch.ts'
import { Host, tellUser } from './host.ts'
import { IncomingMedia } from './incoming-media.ts'
import { Invitations } from './invitations.ts'
import { Lanes } from './lanes.ts'
import type { Links } from './links.ts'
import { LoginDisplay } from './login-display.ts'
import { Logins } from './logins.ts'
import { Names } from './names.ts'
import { PortalRooms } from './portal-rooms.ts'
import { Portraits } from './portraits.ts'
import { Portals } from './portals.ts'
import { Puppets } from './puppets.ts'
import { Receipts } from './receipts.ts'
import { Retention } from './retention.ts'
import { RoomMembers } from './room-members.ts'
import { Router } from './router.ts'
import type { BridgeSettings } from './settings.ts'
import { Settler } from './settlement.ts'
import type { Settlement } from './settlement.ts'
import { Spaces } from './spaces.ts'
import { ToMatrix } from './to-matrix.ts'
import { ToRemote } from './to-remote.ts'

/** What the world outside is told: counters, mostly. Each business event has one place here. */
export type BridgeEvents = {
  ended: (row: Delivery, settlement: Settlement, network: string) => void
  retried: (row: Delivery, code: string, network: string) => void
  loginChanged: (change: { login: number; network: string; state: string; text?: string }) => void
  accepted: (network: string, kind: string) => void
  quarantined: (why: string) => void
  gapEvents: (count: number) => void
  pinged: (result: PingResult) => void
  /** The homeserver was made to send what it keeps. */
  nudged: (why: string) => void
}

export type BridgeDeps = {
  db: Database
  inbox: Inbox
  matrix: MatrixSide
  connectors: readonly Connector[]
  settings: BridgeSettings
  vault: Vault
  links: Links
  clock: Clock
  log: Logger
  events: BridgeEvents
}

const DAY_MS = 86_400_000

/** The core, put together: router, ledger, lanes and whatever they need. */
export class Bridge {
  readonly router: Router
  readonly watch: HomeserverWatch
  readonly lanes: Lanes
  readonly gaps: GapScan
  readonly logins: Logins
  readonly directory: Directory
  readonly #deps: BridgeDeps
  readonly #host: Host
  readonly #retention: Retention

  constructor(deps: BridgeDeps) {
    const { db, inbox, matrix, settings, clock, log, links, vault } = deps
    this.#deps = deps
    const connectors: ReadonlyMap<NetworkName, Connector> = new Map(
      deps.connectors.map((c) => [c.network, c]),
    )
    const portals = new Portals(db)
    const media = new IncomingMedia(matrix, connectors)
    const portraits = new Portraits({ db, matrix, media, clock, log })
    const puppets = new Puppets({ db, matrix, settings, connectors, portraits })
    const addressBook = new AddressBook({ db, matrix, portals, puppets, connectors })
    const names = new Names(matrix, puppets, clock)
    const members = new RoomMembers(matrix)
    const receipts = new Receipts(matrix, settings)
    const busy = (portal: PortalId) =>
      this.lanes.busy('to_remote', portal) || this.lanes.busy('to_matrix', portal)
    const ephemeral = new Ephemeral({ db, matrix, portals, puppets, connectors, settings, clock, busy })
    const rooms = new PortalRooms({ db, matrix, portals, puppets, settings, connectors })
    this.directory = new Directory({ matrix, portals, puppets, rooms, connectors, settings })
    const lanes = (): Lanes => this.lanes
    const wake: Lanes['wake'] = (direction, portal) => lanes().wake(direction, portal)
    const settler = new Settler(db, clock, wake)
    const nudge: Lanes['nudge'] = (direction, which) => lanes().nudge(direction, which)
    const acceptor = new Acceptor({ db, portals, wake, nudge, onAccepted: deps.events.accepted })
    const tell: Logins['tell'] = (user, text) => tellUser({ db, portals, clock, lanes }, user, text)
    const display = new LoginDisplay({ db, portals, clock, wake })
    this.logins = new Logins({ db, vault, connectors, log, tell, display })
    const commands: Command[] = []
    commands.push(
      helpCommand(() => commands, settings.commandPrefix),
      ...accountCommands({ db, logins: this.logins, connectors }),
      ...chatCommands({ db, portals, members, logins: this.logins, connectors, clock, wake }),
      ...deliveryCommands({ db, wake }),
      putAwayCommand({ db, clock, wake }),
      ...networkCommands(connectors, this.logins),
    )
    const common = { db, matrix, portals, puppets, addressBook, connectors, settings, clock, log }
    const toRemote = new ToRemote({
      ...common,
      members,
      names,
      commands: new Commands({ matrix, logins: this.logins, settings, clock, log, commands }),
      mediaLink: (content) => links.media(content),
      toMatrixBusy: (portal) => this.lanes.busy('to_matrix', portal.id),
    })
    const attendance = new Attendance({ ...common, members })
    const toMatrix = new ToMatrix({
      ...common,
      rooms,
      members,
      media,
      attendance,
      spaces: new Spaces({ ...common, rooms, attendance }),
      toRemoteBusy: (portal) => this.lanes.busy('to_remote', portal.id),
    })
    this.lanes = new Lanes(
      {
        db,
        clock,
        log,
        settler,
        events: {
          ended: (row, settlement) => {
            void this.#ended(row, settlement, portals, receipts).catch(() => {})
          },
          retried: (row, code) => {
            void portals
              .get(row.portal)
              .then((portal) => deps.events.retried(row, code, portal.network))
              .catch(() => {})
          },
        },
      },
      { to_remote: toRemote, to_matrix: toMatrix },
    )
    const { gapEvents: onFound } = deps.events
    const continuity = new Continuity({ db, matrix, puppets, clock, log, onFound })
    this.router = new Router({
      ...common,
      inbox,
      members,
      names,
      ephemeral,
      continuity,
      invitations: new Invitations({ ...common, tell }),
      wake,
      onQuarantined: deps.events.quarantined,
    })
    this.gaps = new GapScan({
      db,
      matrix,
      inbox,
      puppets,
      clock,
      log,
      wakeRouter: () => this.router.wake(),
      onFound,
    })
    const scanGaps = (signal: AbortSignal) => this.gaps.run(new Date(clock.now().getTime() - DAY_MS), signal)
    const { pinged, nudged } = deps.events
    this.watch = new HomeserverWatch({
      ...common,
      continuity,
      scanGaps,
      databaseBack: () => {
        this.router.wake()
        for (const direction of DIRECTIONS) this.lanes.nudge(direction)
      },
      pinged,
      nudged,
    })
    this.#host = new Host({
      db,
      clock,
      log,
      acceptor,
      ephemeral,
      portals,
      puppets,
      matrix,
      links,
      logins: this.logins,
      lanes,
      settler,
      onLogin: deps.events.loginChanged,
    })
    this.#retention = new Retention({ db, inbox, settings, clock, log })
  }

  /** Takes up what the ledger holds and connects the networks. The homeserver may be down. */
  async start(): Promise<void> {
    await this.lanes.prepare()
    // A connector knows its logins before it is asked to send for one.
    for (const connector of this.#deps.connectors) await connector.start(this.#host)
    await this.lanes.open()
    this.router.wake()
    this.watch.start()
    this.#retention.start()
  }

  /** Takes nothing more on, lets what is under way end for `deadlineMs` milliseconds, and keeps the rest in the ledger. */
  async stop(deadlineMs: number): Promise<void> {
    this.watch.stop()
    this.#retention.stop()
    await this.router.stop()
    this.#host.stop()
    const connectors = this.#deps.connectors.map((connector) => connector.stop(deadlineMs))
    await Promise.all([this.lanes.stop(), this.logins.stop(), ...connectors])
  }

  /** The ledger was changed from outside. */
  async look(): Promise<void> {
    this.router.wake()
    await this.lanes.sweep()
  }

  async #ended(row: Delivery, settlement: Settlement, portals: Portals, receipts: Receipts): Promise<void> {
    const portal = await portals.get(row.portal)
    this.#deps.events.ended(row, settlement, portal.network)
    const { state } = settlement.change
    if (
      row.direction === 'to_remote' &&
      state === 'delivered' &&
      portal.roomId &&
      row.sourceId.startsWith('$')
    ) {
      receipts.delivered(portal.roomId, matrixEventId(row.sourceId))
    }
  }
}
