import { expect } from 'vitest'
import { SimHomeserver } from './index.ts'
import { TestAppservice, TestClient } from './test-parties.ts'
import type { Content } from './types.ts'

export const ALICE = '@alice:sim.local'
export const BOT = '@bridgebot:sim.local'
export const GHOST = '@_irc_bob:sim.local'
export const OTHER_GHOST = '@_irc_carol:sim.local'

/** A homeserver with one appservice, and its client. */
export class TestWorld {
  readonly homeserver: SimHomeserver
  readonly appservice: TestAppservice
  readonly client: TestClient

  private constructor(homeserver: SimHomeserver, appservice: TestAppservice) {
    this.homeserver = homeserver
    this.appservice = appservice
    this.client = new TestClient(homeserver.url, 'as-token')
  }

  static async start(): Promise<TestWorld> {
    const appservice = await TestAppservice.start()
    return new TestWorld(await SimHomeserver.start({ appservices: [appservice.registration()] }), appservice)
  }

  async close(): Promise<void> {
    await this.homeserver.close()
    this.appservice.close()
  }

  async register(...userIds: string[]): Promise<void> {
    for (const userId of userIds) {
      const username = userId.slice(1, userId.indexOf(':'))
      const body = { type: 'm.login.application_service', username, inhibit_login: true }
      expect(await this.client.post('/register', body)).toMatchObject({
        status: 200,
        body: { user_id: userId },
      })
    }
  }

  /** A room of the bot with the ghosts in it. */
  async portal(config: Content = {}, ...ghosts: string[]): Promise<string> {
    const { body } = await this.client.as(BOT).post('/createRoom', { preset: 'public_chat', ...config })
    const roomId = String(body['room_id'])
    for (const ghost of ghosts) await this.client.as(ghost).post(`/join/${roomId}`)
    return roomId
  }

  /** Bodies of the room's messages. */
  bodiesIn(roomId: string): unknown[] {
    const messages = this.homeserver.timeline(roomId).filter(({ type }) => type === 'm.room.message')
    return messages.map(({ content }) => content['body'])
  }
}

export const text = (body: string): Content => ({ msgtype: 'm.text', body })
