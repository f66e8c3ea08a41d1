import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeFolder } from './servers/folders.ts'
import { InspIrcd, type InspIrcdOptions } from './servers/inspircd.ts'
import { IrcClient } from './servers/irc-client.ts'
import { MatrixClient, MatrixError } from './servers/matrix-client.ts'
import { NgIrcd } from './servers/ngircd.ts'
import { Postgres } from './servers/postgres.ts'
import { Synapse } from './servers/synapse.ts'
import { Watch } from './servers/watch.ts'

interface PushedEvent {
  readonly type: string
  readonly room_id: string
  readonly event_id: string
  readonly content: Record<string, unknown>
}

/** The least an appservice can be: answers 200 to every transaction and keeps the events. */
class Appservice {
  readonly events = new Watch<PushedEvent>()
  readonly #server: Server = createServer((request, response) => {
    void this.#answer(request).then((status) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
  })

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.headers['authorization'] !== 'Bearer hs-secret') return 403
    if (request.url?.startsWith('/_matrix/app/v1/transactions/') !== true) return 404
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { events: PushedEvent[] }
    this.events.push(...body.events)
    return 200
  }
}

function writeRegistration(url: string): string {
  const path = join(makeFolder('registration'), 'bridge.yaml')
  const users = [{ exclusive: true, regex: '@_irc_.*:synapse\\.test' }]
  const namespaces = { users, aliases: [], rooms: [] }
  const tokens = { as_token: 'as-secret', hs_token: 'hs-secret', sender_localpart: '_bridge' }
  writeFileSync(path, JSON.stringify({ id: 'bridge', url, ...tokens, rate_limited: false, namespaces }))
  return path
}

describe('Synapse', () => {
  const appservice = new Appservice()
  let synapse: Synapse
  let alice: MatrixClient

  beforeAll(async () => {
    const registration = writeRegistration(await appservice.listen())
    synapse = await Synapse.start({ appservices: [registration], doublePuppet: true })
    alice = await MatrixClient.register(synapse.url, 'alice')
  })

  afterAll(async () => {
    await alice?.stop()
    await synapse?.stop()
    appservice.close()
  })

  async function asGhost(path: string, body: unknown, token = 'as-secret'): Promise<number> {
    const response = await fetch(`${synapse.url}/_matrix/client/v3${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return response.status
  }

  test('pushes a room event to the appservice, also after a kill and a restart', async () => {
    const ghost = '@_irc_bob:synapse.test'
    const registered = { type: 'm.login.application_service', username: '_irc_bob', inhibit_login: true }
    expect(await asGhost('/register', registered)).toBe(200)
    const roomId = await alice.createRoom({ preset: 'private_chat', invite: [ghost] })
    const invite = await appservice.events.waitFor((event) => event.type === 'm.room.member')
    expect(invite.room_id).toBe(roomId)
    expect(await asGhost(`/rooms/${roomId}/join?user_id=${ghost}`, {})).toBe(200)

    const before = await alice.sendText(roomId, 'before the kill')
    expect((await appservice.events.waitFor((event) => event.event_id === before)).content['body']).toBe(
      'before the kill',
    )

    await synapse.kill()
    expect(synapse.running).toBe(false)
    await expect(fetch(`${synapse.url}/_matrix/client/versions`)).rejects.toThrow()
    const sentWhileAway = alice.sendText(roomId, 'after the kill')
    await synapse.restart()
    const after = await sentWhileAway
    await appservice.events.waitFor((event) => event.event_id === after)
    await alice.sync.waitForEvent((event) => event.event_id === after)

    const bodies = (await alice.history(roomId))
      .map((event) => event.content['body'])
      .filter((body) => body !== undefined)
    expect(bodies).toEqual(['before the kill', 'after the kill'])
  })

  test('lets people do what people do', async () => {
    const carol = new MatrixClient(synapse.url, await synapse.registerUser('carol'))
    await carol.sync.start()
    const roomId = await alice.createRoom({ preset: 'private_chat', name: 'people', invite: [carol.userId] })
    expect(await carol.sync.waitForInvite(carol.userId)).toBe(roomId)
    await carol.join(roomId)
    expect(Object.keys(await alice.joinedMembers(roomId)).sort()).toEqual([alice.userId, carol.userId])
    expect(await carol.getState(roomId, 'm.room.name')).toEqual({ name: 'people' })

    const text = await alice.sendText(roomId, 'tea?')
    const reply = await carol.reply(roomId, text, 'yes')
    const edit = await carol.edit(roomId, reply, 'yes, green')
    const reaction = await alice.react(roomId, reply, '👍')
    const poll = await alice.startPoll(roomId, 'which?', ['green', 'black'])
    const vote = await carol.votePoll(roomId, poll, ['0'])
    const end = await alice.endPoll(roomId, poll)
    const removal = await alice.redact(roomId, text, 'done')
    await carol.sync.waitForEvent((event) => event.event_id === removal)
    const seen = carol.sync.room(roomId).flatMap((event) => event.event_id ?? [])
    for (const id of [text, reply, edit, reaction, poll, vote, end]) expect(seen).toContain(id)

    await alice.typing(roomId, true)
    await carol.sync.ephemeral.waitFor(
      ({ type, content }) =>
        type === 'm.typing' && JSON.stringify(content['user_ids']) === JSON.stringify([alice.userId]),
    )
    await carol.markRead(roomId, end)
    await alice.sync.ephemeral.waitFor(({ type, content }) => type === 'm.receipt' && end in content)

    const file = new TextEncoder().encode('a file')
    const mxc = await alice.upload(file, 'text/plain', 'a.txt')
    expect((await carol.download(mxc)).bytes.toString()).toBe('a file')

    await alice.kick(roomId, carol.userId, 'enough')
    const kick = await carol.sync.waitForEvent(
      (event) =>
        event.state_key === carol.userId &&
        event.sender === alice.userId &&
        event.content['membership'] === 'leave',
    )
    expect(kick.content['reason']).toBe('enough')
    await expect(carol.sendText(roomId, 'still here?')).rejects.toThrow(MatrixError)
    await carol.stop()
  })

  test('lets the double puppet registration act as a human', async () => {
    const roomId = await alice.createRoom()
    const response = await fetch(
      `${synapse.url}/_matrix/client/v3/rooms/${roomId}/send/m.room.message/1?user_id=${alice.userId}`,
      {
        method: 'PUT',
        headers: { authorization: `Bearer ${synapse.doublePuppetToken}` },
        body: JSON.stringify({ msgtype: 'm.text', body: 'from my phone' }),
      },
    )
    expect(response.status).toBe(200)
    const event = await alice.sync.waitForEvent(({ content }) => content['body'] === 'from my phone')
    expect(event.sender).toBe(alice.userId)
  })

  test('runs beside another instance, on Postgres', async () => {
    const postgres = await Postgres.start()
    const other = await Synapse.start({
      serverName: 'other.test',
      database: { postgresUrl: await postgres.createDatabase('synapse') },
    })
    expect((await other.registerUser('alice')).userId).toBe('@alice:other.test')
    await other.stop()
    await postgres.stop()
    expect(synapse.running).toBe(true)
  })
})

describe('InspIRCd', () => {
  async function offeredBy(options: InspIrcdOptions): Promise<string[]> {
    const server = await InspIrcd.start(options)
    const client = await IrcClient.connect({ port: server.port, nick: 'probe', caps: 'all' })
    await client.quit()
    await server.stop()
    return [...client.offered.keys()].sort()
  }

  const all =
    'account-notify account-tag away-notify batch cap-notify chghost echo-message extended-join extended-monitor ' +
    'inspircd.org/poison inspircd.org/standard-replies invite-notify labeled-response message-tags multi-prefix ' +
    'server-time setname userhost-in-names'

  test('offers the capabilities that its modules bring', async () => {
    expect(await offeredBy({ modules: 'all' })).toEqual(all.split(' '))
    expect(await offeredBy({ modules: 'noLabels' })).toEqual(all.replace('labeled-response ', '').split(' '))
  })

  test('starts without any module', async () => {
    const server = await InspIrcd.start({ modules: 'none' })
    const client = await IrcClient.connect({ port: server.port, nick: 'plain' })
    await client.join('#plain')
    expect(await client.names('#plain')).toEqual(['plain'])
    await client.quit()
    await server.stop()
  })

  test('relays text, tags and operator actions; a kill cuts every link', async () => {
    const server = await InspIrcd.start()
    const anna = await IrcClient.connect({ port: server.port, nick: 'anna', caps: 'all' })
    const bert = await IrcClient.connect({ port: server.port, nick: 'bert', caps: 'all' })
    await anna.join('#tea')
    await bert.join('#tea')
    expect((await bert.names('#tea')).sort()).toEqual(['anna', 'bert'])

    anna.say('#tea', 'hello: ü')
    const hello = await bert.waitForText('#tea', 'hello: ü')
    expect(hello.nick).toBe('anna')
    const msgid = hello.tags['msgid'] ?? ''
    expect(msgid).not.toBe('')
    bert.react('#tea', msgid, '; x')
    const reaction = await anna.waitFor((line) => line.command === 'TAGMSG')
    expect(reaction.tags).toMatchObject({ '+draft/react': '; x', '+reply': msgid })

    anna.topic('#tea', 'leaves')
    await bert.waitFor((line) => line.command === 'TOPIC' && line.params[1] === 'leaves')
    await bert.changeNick('bertha')
    anna.mode('#tea', '+o', 'bertha')
    await bert.waitFor((line) => line.command === 'MODE' && line.params.includes('bertha'))
    anna.kick('#tea', 'bertha', 'out')
    await bert.waitFor((line) => line.command === 'KICK' && line.params[2] === 'out')

    await server.kill()
    await Promise.all([anna.closed(), bert.closed()])
    await server.restart()
    const again = await IrcClient.connect({ port: server.port, nick: 'anna' })
    await again.quit()
    await server.stop()
  })

  test('takes 500 lines at once under load flood settings, and kills for 30 under killer settings', async () => {
    const patient = await InspIrcd.start({ flood: 'load' })
    const witness = await IrcClient.connect({ port: patient.port, nick: 'witness' })
    const sender = await IrcClient.connect({ port: patient.port, nick: 'sender' })
    for (let line = 0; line < 500; line++) sender.say('witness', String(line))
    await sender.fence()
    await witness.waitForText('witness', '499')
    expect(witness.messages('witness').map((line) => line.params[1])).toEqual(
      Array.from({ length: 500 }, (_, i) => String(i)),
    )
    witness.destroy()
    sender.destroy()
    await patient.stop()

    const killer = await InspIrcd.start({ flood: 'killer' })
    const observer = await IrcClient.connect({ port: killer.port, nick: 'observer' })
    await observer.join('#flood')
    const hasty = await IrcClient.connect({ port: killer.port, nick: 'hasty' })
    await hasty.join('#flood')
    for (let line = 0; line < 30; line++) hasty.say('#flood', String(line))
    // The reset that follows can swallow the ERROR line of the killed link itself.
    await hasty.closed()
    const quit = await observer.waitFor((line) => line.command === 'QUIT' && line.nick === 'hasty')
    expect(quit.params[0]).toContain('Excess Flood')
    expect(observer.messages('#flood').length).toBeLessThan(30)
    observer.destroy()
    await killer.stop()
  })
})

describe('ngIRCd', () => {
  test('offers multi-prefix alone, relays, and comes back after a kill', async () => {
    const server = await NgIrcd.start({ unlimited: true })
    const anna = await IrcClient.connect({ port: server.port, nick: 'anna', caps: 'all' })
    expect([...anna.offered.keys()]).toEqual(['multi-prefix'])
    const bert = await IrcClient.connect({ port: server.port, nick: 'bert' })
    await anna.join('#tea')
    await bert.join('#tea')
    for (let line = 0; line < 100; line++) anna.say('#tea', `line ${line}`)
    await anna.fence()
    await bert.waitForText('#tea', 'line 99')
    expect(bert.messages('#tea')).toHaveLength(100)

    await server.kill()
    await Promise.all([anna.closed(), bert.closed()])
    await server.restart()
    const again = await IrcClient.connect({ port: server.port, nick: 'anna' })
    again.destroy()
    await server.stop()
  })
})

describe('PostgreSQL', () => {
  test('answers, keeps committed rows over a kill, refuses while stopped', async () => {
    const server = await Postgres.start()
    const query = async (sql: string): Promise<unknown[]> => {
      const client = new Client(server.url)
      // The server ends the link when it is killed.
      client.on('error', () => undefined)
      await client.connect()
      const result = await client.query(sql)
      await client.end()
      return result.rows
    }
    await query('create table kept (n int)')
    const idle = new Client(server.url)
    const cut = new Promise((resolve) => idle.on('error', resolve))
    await idle.connect()
    await query('insert into kept values (7)')
    await server.kill()
    await cut
    await server.restart()
    expect(await query('select n from kept')).toEqual([{ n: 7 }])
    await server.stop()
    await expect(query('select 1')).rejects.toThrow(/ECONNREFUSED/)
    await server.restart()
    expect(await query('select n from kept')).toEqual([{ n: 7 }])
    await server.stop()
  })
})
