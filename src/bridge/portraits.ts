import type { Clock } from '../model/clock.ts'
import { sleep } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import { remoteChatId } from '../model/ids.ts'
import type { NetworkName } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { RemotePicture } from '../model/remote-event.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { markAvatar } from '../store/ghost.ts'
import type { Ghost } from '../store/ghost.ts'
import type { IncomingMedia } from './incoming-media.ts'
import { Semaphore } from './semaphore.ts'

/** Pictures fetched at a time, and waiting for it; what does not fit comes with the person's next event. */
const AT_ONCE = 4
const MOST_WAITING = 500
/** So long does somebody new wait for their picture. */
const PATIENCE_MS = 3_000
const AGAIN_AFTER_MS = 10 * 60_000

/** Gives ghosts the pictures of their people. No message waits for one, and none is lost for lack of one. */
export class Portraits {
  readonly #deps: { db: Database; matrix: MatrixSide; media: IncomingMedia; clock: Clock; log: Logger }
  readonly #slots = new Semaphore(AT_ONCE)
  readonly #underWay = new Map<number, Promise<void>>()
  /** What the network said last while an earlier change was being made. */
  readonly #newest = new Map<number, RemotePicture | null>()
  readonly #failedAt = new Map<number, number>()

  constructor(deps: { db: Database; matrix: MatrixSide; media: IncomingMedia; clock: Clock; log: Logger }) {
    this.#deps = deps
  }

  /** Brings the ghost's picture to what the network says now; undefined says nothing. Returns at once. */
  show(network: NetworkName, ghost: Ghost, picture: RemotePicture | null | undefined): void {
    void this.#change(network, ghost, picture)
  }

  /** The same; resolves when the picture is there, or after a short while without it. */
  async showSoon(
    network: NetworkName,
    ghost: Ghost,
    picture: RemotePicture | null | undefined,
  ): Promise<void> {
    const change = this.#change(network, ghost, picture)
    if (change) await Promise.race([change, sleep(this.#deps.clock, PATIENCE_MS)])
  }

  #change(
    network: NetworkName,
    ghost: Ghost,
    picture: RemotePicture | null | undefined,
  ): Promise<void> | undefined {
    if (picture === undefined) return undefined
    const underWay = this.#underWay.get(ghost.id)
    if (underWay) this.#newest.set(ghost.id, picture)
    else if ((picture?.id ?? null) === ghost.avatar) return undefined
    const failedAt = this.#failedAt.get(ghost.id) ?? Number.NEGATIVE_INFINITY
    if (underWay) return underWay
    if (this.#deps.clock.now().getTime() - failedAt < AGAIN_AFTER_MS) return undefined
    if (this.#underWay.size >= MOST_WAITING) return undefined
    const change = this.#set(network, ghost, picture)
      .catch((error: unknown) => {
        if (this.#failedAt.size >= MOST_WAITING) this.#failedAt.clear()
        this.#failedAt.set(ghost.id, this.#deps.clock.now().getTime())
        this.#deps.log.warn({ ghost: ghost.userId, error: messageOf(error) }, 'picture not shown')
      })
      .finally(() => {
        this.#underWay.delete(ghost.id)
        const newest = this.#newest.get(ghost.id)
        this.#newest.delete(ghost.id)
        this.show(network, ghost, newest)
      })
    this.#underWay.set(ghost.id, change)
    return change
  }

  async #set(network: NetworkName, ghost: Ghost, picture: RemotePicture | null): Promise<void> {
    const { db, matrix, media } = this.#deps
    await this.#slots.acquire()
    try {
      // A person's picture is theirs and no conversation's; their own direct chat is where it could be asked for.
      const chat = { network, id: remoteChatId(ghost.remoteId), type: 'dm' as const }
      const taken = picture && (await media.take(chat, picture.media, `picture/${network}/${picture.id}`))
      if (taken === null || 'mxc' in taken) {
        const outcome = await matrix.setProfile(ghost.userId, { avatar: taken?.mxc ?? '' })
        if (outcome.kind !== 'delivered') throw new Error(outcome.why)
      }
      // One that cannot be had is not asked for again.
      const shown = picture?.id ?? null
      await markAvatar(db, ghost.id, shown)
      ghost.avatar = shown
    } finally {
      this.#slots.release()
    }
  }
}
