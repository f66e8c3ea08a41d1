import { expect } from 'vitest'
import type { SimEvent } from '../sim/homeserver/index.ts'
import { SERVER } from './settings.ts'
import { World } from './worlds.ts'

export const PATIENCE_MS = 20_000

/** A world with rooms of people on a network whose messages have numbers: what happens in a room can be waited for. */
export abstract class ChatWorld extends World {
  /** The room in which somebody says something; the person goes in. */
  async roomWith(body: string, person = this.alice): Promise<string> {
    const find = () =>
      this.homeserver
        .roomIds()
        .find((id) => this.homeserver.timeline(id).some((e) => e.content['body'] === body))
    await this.homeserver.waitFor(() => find() !== undefined, `a room with "${body}"`, PATIENCE_MS)
    const room = find() ?? ''
    const { userId } = person.user
    const isAsked = () =>
      (['invite', 'join'] as const).some((how) => this.homeserver.members(room, how).includes(userId))
    // The invitation may come after the first words.
    await this.homeserver.waitFor(isAsked, 'an invitation', PATIENCE_MS)
    await person.user.join(room)
    return room
  }

  /** The first event of a room that is wanted, from the `after`th on. */
  async happens(
    room: string,
    wanted: (event: SimEvent) => boolean,
    what: string,
    after = 0,
  ): Promise<SimEvent> {
    const find = () => this.homeserver.timeline(room).slice(after).find(wanted)
    await this.homeserver
      .waitFor(() => find() !== undefined, `${what} on Matrix`, PATIENCE_MS)
      .catch((error: unknown) => {
        const last = this.homeserver
          .timeline(room)
          .slice(-6)
          .map(({ type, sender, content }) => [sender, type, JSON.stringify(content).slice(0, 400)])
        throw new Error(`${what} is not on Matrix: ${last.map((each) => each.join(' ')).join('\n')}`, {
          cause: error,
        })
      })
    const found = find()
    if (found === undefined) throw new Error('gone')
    return found
  }

  /** What comes next of somebody in a room, when something is done. */
  async next(
    room: string,
    sender: string,
    act: () => Promise<unknown>,
    wanted: (event: SimEvent) => boolean = () => true,
  ): Promise<SimEvent> {
    const after = this.homeserver.timeline(room).length
    await act()
    const isNext = (e: SimEvent) => e.sender === sender && e.state_key === undefined && wanted(e)
    return this.happens(room, isNext, `something of ${sender}`, after)
  }

  /** What the bot says next in a room, with these words among it. */
  botSays(room: string, words: string, act: () => Promise<unknown>): Promise<SimEvent> {
    const isSaid = ({ type, content }: SimEvent) =>
      type === 'm.room.message' && String(content['body']).includes(words)
    return this.next(room, `@viaductbot:${SERVER}`, act, isSaid)
  }

  /** The message with this text. */
  message(room: string, body: string): Promise<SimEvent> {
    return this.happens(room, (e) => e.type === 'm.room.message' && e.content['body'] === body, `"${body}"`)
  }

  /** What refers to an event, e.g. an edit, a reaction, a vote, an answer. */
  related(room: string, to: string, wanted: (event: SimEvent) => boolean, what: string): Promise<SimEvent> {
    const refers = ({ content }: SimEvent) => {
      const relates = content['m.relates_to'] as
        { event_id?: string; 'm.in_reply_to'?: { event_id?: string } } | undefined
      return (relates?.event_id ?? relates?.['m.in_reply_to']?.event_id) === to
    }
    return this.happens(room, (e) => refers(e) && wanted(e), what)
  }

  redacted(room: string, event: string): Promise<SimEvent> {
    const isOf = (e: SimEvent) => e.type === 'm.room.redaction' && JSON.stringify(e).includes(event)
    return this.happens(room, isOf, 'the redaction')
  }

  /** What a room is called. */
  nameOf(room: string): unknown {
    return this.homeserver.state(room, 'm.room.name')?.['name']
  }

  /** The room that is called so. */
  async roomNamed(name: string): Promise<string> {
    const find = () => this.homeserver.roomIds().find((id) => this.nameOf(id) === name)
    await this.until(() => find() !== undefined, `a room named "${name}"`)
    return find() ?? ''
  }

  /** The power that somebody is given in a room by name. */
  power(room: string, user: string): number | undefined {
    const users = this.homeserver.state(room, 'm.room.power_levels')?.['users']
    return (users as Record<string, number> | undefined)?.[user]
  }

  /** Resolves when alice may do what administrators do in a room, or when she may not. */
  administers(room: string, may = true): Promise<void> {
    const has = () => (this.power(room, this.alice.user.userId) ?? 0) >= 50
    return this.until(() => has() === may, may ? 'her power' : 'no power')
  }

  /** The bytes of a file on the homeserver. */
  async file(url: unknown): Promise<Buffer> {
    return Buffer.from(await this.alice.user.download(String(url)))
  }

  async fileText(url: unknown): Promise<string> {
    return (await this.file(url)).toString()
  }

  /** An album has come, from the `after`th event on: each picture once, in order, known to be of one, with one caption. */
  async proveAlbum(room: string, after: number, pictures: readonly string[], caption: string): Promise<void> {
    const images = () =>
      this.homeserver
        .timeline(room)
        .slice(after)
        .filter((e) => e.content['msgtype'] === 'm.image')
    await this.until(() => images().length === pictures.length, 'the pictures')
    expect(await Promise.all(images().map((e) => this.fileText(e.content['url'])))).toEqual(pictures)
    expect(images()[0]?.content['body']).toBe(caption)
    expect(images()[0]?.content['app.viaduct.album']).toBeDefined()
    expect(new Set(images().map((e) => e.content['app.viaduct.album'])).size).toBe(1)
  }

  /** What was said so far was said that much longer ago. */
  async age(ms: number): Promise<void> {
    await this.quiet()
    await this.stack.database.db.query(`update message set at = at - $1 * interval '1 ms'`, [ms])
  }

  until(holds: () => boolean | undefined, what: string, timeoutMs = PATIENCE_MS): Promise<void> {
    return this.homeserver.waitFor(holds, what, timeoutMs)
  }

  /** Everything has come to an end, and nothing badly except what is told with one of these words. */
  async proveEnded(except: readonly string[] = []): Promise<void> {
    await this.quiet()
    const bad = await this.stack.database.db.query<{ source_id: string; error_text: string | null }>(
      `select id, direction, kind, state, source_id, error_text from delivery where state <> 'delivered' order by id`,
    )
    expect(bad.filter(({ error_text }) => !except.some((words) => error_text?.includes(words)))).toEqual([])
  }

  abstract proveDelivered(except?: readonly string[]): Promise<void>

  abstract close(): Promise<void>

  /** The end of the tests in a world. @param except words of what may have gone badly */
  async end(except: readonly string[] = []): Promise<void> {
    try {
      await this.proveDelivered(except)
    } finally {
      await this.close()
    }
  }
}
